import RegistryModel

/// Runs what a well-formed request asks for. What can't be done as the store is set up, or with what a name means there,
/// is a conflict with its state, and no malformed request.
func asked<T>(_ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as RegistryError where error.code == .usage {
    throw RegistryError(.refused, error.message, unchanged: error.unchanged, hint: error.hint)
  }
}
