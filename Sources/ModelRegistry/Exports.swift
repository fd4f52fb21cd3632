// Whoever imports ModelRegistry speaks its words: versions, references, digests, generations.
@_exported public import RegistryModel
