import RegistryModel

extension APIRequest {
  /// Reads a form that our own page sent; every form of the page but the one that signs in is read here.
  ///
  /// - Throws: `permission` where it lacks the session's anti-forgery token; `usage` where it is malformed.
  func ownForm<T>(_ read: (inout Form) throws -> T) throws -> T {
    let form = try Form(self)
    try Gatekeeper.requireOwnPage(session, method, headers, form: form[Form.antiForgery])
    return try form.reading(read)
  }
}
