package import HTTPTypes

/// Header names that HTTPTypes lacks.
extension HTTPField.Name {
  static let forwarded = Self(canonical: "Forwarded")
  static let secFetchSite = Self(canonical: "Sec-Fetch-Site")
  static let secFetchMode = Self(canonical: "Sec-Fetch-Mode")
  static let secFetchDest = Self(canonical: "Sec-Fetch-Dest")
  package static let antiForgery = Self(canonical: "X-Anti-Forgery")
  package static let requestID = Self(canonical: "X-Request-Id")
  static let reprDigest = Self(canonical: "Repr-Digest")
  static let accelBuffering = Self(canonical: "X-Accel-Buffering")
  static let crossOriginResourcePolicy = Self(canonical: "Cross-Origin-Resource-Policy")
  static let referrerPolicy = Self(canonical: "Referrer-Policy")
  package static let idempotencyKey = Self(canonical: "Idempotency-Key")
}

extension HTTPField.Name {
  fileprivate init(canonical text: String) {
    guard let name = Self(text) else { preconditionFailure("\(text) is no header's name") }
    self = name
  }
}
