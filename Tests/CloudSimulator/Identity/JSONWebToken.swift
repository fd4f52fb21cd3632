import RegistryModel

/// A JSON Web Token in three parts (RFC 7519), signed with RS256.
struct JSONWebToken {
  let header: JSONValue
  let claims: JSONValue
  let signature: [UInt8]
  /// The bytes that the signature is of.
  let signed: [UInt8]

  /// Nil for any other text.
  init?(parsing text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64.decodeURL(parts[0]), let claims = Base64.decodeURL(parts[1]),
      let signature = Base64.decodeURL(parts[2]), let header = try? JSONValue(parsing: header),
      let claims = try? JSONValue(parsing: claims)
    else { return nil }
    self.header = header
    self.claims = claims
    self.signature = signature
    signed = Array("\(parts[0]).\(parts[1])".utf8)
  }

  var issuer: String? { claims["iss"]?.asString }
}
