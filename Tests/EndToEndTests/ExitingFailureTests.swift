import RegistryModel
import Testing

@testable import modelctl

/// How an error leaves the program, for every kind there is: also for those that no command can end in yet.
@Suite struct ExitingFailureTests {
  @Test(arguments: [
    (RegistryError.Code.failed, Int32(1)), (.notFound, 3), (.refused, 4), (.integrity, 5), (.noSpace, 6),
    (.remote, 7), (.permission, 8), (.usage, 64), (.busy, 75),
    (.cancelled, 130),
  ]) func `each kind of error has its exit code`(code: RegistryError.Code, expected: Int32) {
    let failure = Failure(RegistryError(code, "it happened", unchanged: "nothing was lost", hint: "do this"))
    #expect(failure.exitCode == expected)
    #expect(failure.json["error"]?["code"]?.asString == code.rawValue)
    #expect(failure.json["error"]?["message"]?.asString == "it happened; nothing was lost")
    #expect(failure.json["error"]?["hint"]?.asString == "do this")
  }

  @Test func `no kind of error is left out, and no two share an exit code`() {
    let codes = RegistryError.Code.allCases.map { Failure(RegistryError($0, "", hint: "")).exitCode }
    #expect(codes.count == 10 && Set(codes).count == 10 && !codes.contains(0))
  }
}
