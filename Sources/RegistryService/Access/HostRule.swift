package import HTTPTypes
package import RegistryModel

/// Which names a request may be addressed to, and which pages it may come from.
///
/// A page on another site must not reach a robot through its owner's browser. It can do so with a name of its own that
/// leads here (DNS rebinding), which `Host` shows, and with a request to here from a page that is open there, which
/// `Origin` and `Sec-Fetch-Site` show. Programs send neither of the two.
package struct HostRule: Sendable {
  private let names: Set<String>

  /// - Parameters:
  ///   - listening: the host that the service listens at.
  ///   - configured: names that people use for this machine.
  package init(listening: String, configured: [String]) {
    let own = ["localhost", "127.0.0.1", "::1"]
    let every = ["0.0.0.0", "::"].contains(listening) ? [] : [listening]
    names = Set((own + every + configured).map { $0.lowercased() })
  }

  /// - Throws: `permission` where the request is for another host, or from another site's page.
  package func check(_ head: HTTPRequest) throws(RegistryError) {
    guard let authority = head.authority else {
      throw RegistryError(.permission, "the request says no Host", hint: "send the header Host")
    }
    guard let host = Self.host(of: authority[...]), names.contains(host) else {
      throw RegistryError(
        .permission, "this service isn't known as \(authority.quoted)",
        hint: "use a name that it listens at, or add it to serve.hosts in the configuration")
    }
    if let origin = head.headerFields[.origin], !Self.isSame(origin, authority) {
      throw Self.foreign("a page of \(origin.quoted)")
    }
    if let site = head.headerFields[.secFetchSite], site != "same-origin", site != "none",
      !isNavigation(head)
    {
      throw Self.foreign("a page of another site")
    }
  }

  /// Following a link from elsewhere shows a page, which the other site can't read.
  private func isNavigation(_ head: HTTPRequest) -> Bool {
    head.method == .get && head.headerFields[.secFetchMode] == "navigate"
      && head.headerFields[.secFetchDest] == "document"
  }

  private static func isSame(_ origin: String, _ authority: String) -> Bool {
    (origin.afterPrefix("http://") ?? origin.afterPrefix("https://"))?.lowercased() == authority.lowercased()
  }

  private static func foreign(_ who: String) -> RegistryError {
    RegistryError(
      .permission, "\(who) may not use this service", hint: "open the service's own page instead")
  }

  /// The host without port and brackets, in lower case.
  private static func host(of authority: Substring) -> String? {
    if let inner = String(authority).afterPrefix("[") {
      guard let end = inner.firstIndex(of: "]") else { return nil }
      return inner[..<end].lowercased()
    }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : host.lowercased()
  }
}
