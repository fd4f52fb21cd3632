import RegistryModel
import Testing

/// The error that a call throws, as the user reads it; nil, and an issue, when it succeeds.
func failure<Answer>(
  of call: () throws -> Answer, sourceLocation: SourceLocation = #_sourceLocation
) -> RegistryError? {
  do {
    let answer = try call()
    Issue.record("nothing was thrown, but \(answer)", sourceLocation: sourceLocation)
    return nil
  } catch let error as RegistryError {
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
    return nil
  }
}
