@testable import ModelRegistry
import RegistryModel

func sha256(_ bytes: [UInt8]) throws -> Digest { try Digest.sha256(of: bytes) }
