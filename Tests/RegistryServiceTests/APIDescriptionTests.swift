import HTTPTypes
import ModelRegistry
import RegistryService
import Testing

@Suite struct `The description of the API` {
  private static let routes = RouteTable.service.routes.filter(\.isOfTheAPI)
  private let description: APIDescription

  init() throws { description = try APIDescription() }

  private func operation(_ route: Route) throws -> APIDescription.Operation {
    try #require(description.operations[route.described], "\(route.described) isn't described")
  }

  @Test func `has every route, and no other`() {
    let described = Set(description.operations.keys)
    let routes = Set(Self.routes.map(\.described))
    #expect(Self.routes.count == routes.count, "a route stands twice")
    #expect(described.subtracting(routes).sorted() == [], "described, and not there")
    #expect(routes.subtracting(described).sorted() == [], "there, and not described")
    #expect(routes.count > 50)
  }

  @Test func `says who may`() throws {
    for route in Self.routes {
      let operation = try operation(route)
      #expect(operation.fields["x-scope"] as? String == route.scopeInWords, "\(route.described)")
      let change: [Set<String>] = [["bearer"], ["session", "antiForgery"]]
      let expected: [Set<String>]? =
        switch (route.access, route.method) {
        case (.open, _) where route.path.description == "/api/logout": [[], ["session", "antiForgery"]]
        case (.open, _): []
        case (_, .get): nil
        default: change
        }
      #expect(operation.security == expected, "\(route.described)")
    }
  }

  @Test func `names every parameter`() throws {
    for route in Self.routes {
      let operation = try operation(route)
      #expect(operation.names(in: "query") == Set(route.query), "\(route.described)")
      let places: [String] = route.path.parts.compactMap { part in
        switch part {
        case .text: nil
        case .place(let name), .rest(let name): name
        }
      }
      #expect(operation.names(in: "path") == Set(places), "\(route.described)")
      let headers = operation.names(in: "header")
      #expect(headers.contains("X-Request-Id"), "\(route.described)")
      #expect(headers.contains("Idempotency-Key") == route.keepsAnswer, "\(route.described)")
    }
  }

  @Test func `says what may be sent`() throws {
    for route in Self.routes {
      let expected: Set<String>? =
        switch route.body {
        case .none: []
        case .document: ["application/json"]
        case .archive: ["application/x-tar", "application/gzip", "application/zip"]
        case .form: nil
        }
      #expect(try operation(route).contentTypes == expected, "\(route.described)")
    }
  }

  @Test func `is what the service answers`() {
    #expect(Assets.openAPI == APIDescription.bytes)
    #expect(Assets.openAPI.count > 10_000)
  }
}
