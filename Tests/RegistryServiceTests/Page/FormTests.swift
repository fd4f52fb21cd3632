import RegistryModel
import Testing

@testable import RegistryService

@Suite struct `A form` {
  private func form(_ text: String, type: String? = "application/x-www-form-urlencoded") throws -> Form {
    try Form(parsing: Array(text.utf8), type: type)
  }

  private func code(_ body: () throws -> Void) -> RegistryError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? RegistryError)?.code
    }
  }

  @Test func `gives its fields decoded, and without spaces around them`() throws {
    let (reason, empty, missing, box, none) = try form("reason=+night+run%21+&empty=++&box=true").reading {
      form in
      (
        form.optional("reason"), form.optional("empty"), form.optional("missing"), try form.flag("box"),
        try form.flag("none")
      )
    }
    #expect(reason == "night run!")
    #expect(empty == nil && missing == nil)
    #expect(box && !none)
  }

  @Test func `keeps what is no ASCII`() throws {
    #expect(try form("reason=%C3%BCber%E2%80%A6").reading { $0.optional("reason") } == "über…")
  }

  @Test(arguments: [
    "a=1&a=2", "a", "a=1&", "&a=1", "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "a=%c3%28", "a&b=1",
  ])
  func `is refused where it is malformed`(_ text: String) {
    #expect(code { _ = try form(text) } == .usage)
  }

  @Test(arguments: [nil, "", "application/json", "multipart/form-data; boundary=x", "text/plain"])
  func `is refused under another type`(_ type: String?) {
    #expect(code { _ = try form("a=1", type: type) } == .usage)
  }

  @Test func `may say its character set`() throws {
    let type = "Application/X-WWW-Form-URLEncoded; charset=UTF-8"
    #expect(try form("a=1", type: type).reading { $0.optional("a") } == "1")
  }

  @Test func `is refused with a field that nobody asks for, but for the anti-forgery token`() throws {
    #expect(code { try form("a=1&b=2").reading { _ = $0.optional("a") } } == .usage)
    #expect(code { try form("a=1&anti_forgery=x").reading { _ = $0.optional("a") } } == nil)
    #expect(try form("anti_forgery=x")[Form.antiForgery] == "x")
  }

  @Test func `without a body has no field`() throws {
    #expect(try form("", type: nil).reading { $0.optional("a") } == nil)
  }

  @Test(arguments: ["yes", "1", "TRUE", ""])
  func `has a box that is ticked or not`(_ value: String) {
    #expect(code { try form("box=\(value)").reading { _ = try $0.flag("box") } } == .usage)
  }

  @Test func `says which generation it saw`() throws {
    #expect(try form("g=12").reading { try $0.generation("g") } == 12)
    #expect(try form("g=0").reading { try $0.generation("g") } == 0)
    #expect(try form("g=").reading { try $0.generation("g") } == nil)
    for text in ["-1", "1.5", "1e3", "0x1", "9999999999", "%D9%A1"] {
      #expect(code { try form("g=\(text)").reading { _ = try $0.generation("g") } } == .usage, "\(text)")
    }
  }

  @Test func `of a switch must say which generation it saw`() throws {
    #expect(try form("if_generation=3").reading { try $0.seenGeneration() } == 3)
    for text in ["if_generation=", "if_generation=x", ""] {
      #expect(code { _ = try form(text).reading { try $0.seenGeneration() } } == .usage, "\(text)")
    }
  }

  @Test func `wants what is required`() {
    #expect(
      code { try form("name=+").reading { _ = try $0.required("name", TokenName.init(parsing:)) } } == .usage)
  }
}
