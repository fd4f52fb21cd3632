public import ModelRegistry
import Testing

/// The error that a call fails with.
func failure<Answer>(
  at location: SourceLocation = #_sourceLocation, _ body: () throws -> Answer
) throws -> RegistryError {
  try #require(throws: RegistryError.self, sourceLocation: location) { _ = try body() }
}

/// The code of the error that a call fails with; nil when it succeeds, or fails with something else.
func code<Answer>(_ body: () throws -> Answer) -> RegistryError.Code? {
  do {
    _ = try body()
    return nil
  } catch let error as RegistryError {
    return error.code
  } catch {
    Issue.record("not an error for users: \(error)")
    return nil
  }
}

extension Reference: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    self = try! Reference(parsing: text)
  }
}

extension AdapterName: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    self = try! AdapterName(parsing: text)
  }
}

extension TokenName: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    self = try! TokenName(parsing: text)
  }
}
