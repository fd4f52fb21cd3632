package import RegistryModel

/// A file with credentials, as Google's tools write it. Its fields are secrets and in no message.
package struct CredentialFile: Sendable {
  package let path: String
  /// `service_account`, `authorized_user`, …
  let type: String
  private let fields: JSONValue

  /// - Throws: `permission` for a file that can't be read or is malformed.
  package init(_ path: String) throws(RegistryError) {
    self.path = path
    let bytes: [UInt8]
    do { bytes = try SmallFile.read(path, limitBytes: 1 << 20) } catch {
      throw RegistryError(
        .permission, "the credentials in \(path) can't be read: \(error)",
        hint: "check the path and its permissions; GOOGLE_APPLICATION_CREDENTIALS names the file")
    }
    // The parser's message would be of no use for a key file, and could show what stands there.
    guard let fields = try? JSONValue(parsing: bytes), let type = fields["type"]?.asString else {
      throw RegistryError(
        .permission, "\(path) holds no credentials: it is no JSON with a field \"type\"",
        hint: "get the key file of the service account again")
    }
    self.fields = fields
    self.type = type
  }

  func string(_ key: String) throws(RegistryError) -> String {
    guard let value = optionalString(key), !value.isEmpty else {
      throw RegistryError(
        .permission, "the credentials in \(path) lack the field \(key.quoted)",
        hint: "get the key file of the service account again, or run: gcloud auth application-default login")
    }
    return value
  }

  func optionalString(_ key: String) -> String? { fields[key]?.asString }

  /// Where tokens are asked for. Never in the clear, except on this machine.
  func tokenEndpoint() throws(RegistryError) -> HTTPAddress {
    let text = optionalString("token_uri") ?? "https://oauth2.googleapis.com/token"
    guard let address = try? HTTPAddress(parsing: text), address.isPrivate else {
      throw RegistryError(
        .permission, "the credentials in \(path) have a token_uri that isn't https",
        hint: "get the key file again; secrets are never sent in the clear")
    }
    return address
  }
}

extension CredentialFile: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "credentials of type \(type.quoted) in \(path)" }
  package var debugDescription: String { description }
}
