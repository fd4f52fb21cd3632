import RegistryModel
import Testing

@Suite struct JSONReaderTests {
  private func reader(_ value: JSONValue) throws -> JSONReader { try JSONReader(value, context: "document") }

  @Test func `fields are taken out by kind`() throws {
    var reader = try reader([
      "s": "x", "i": 5, "d": 0.5, "b": true, "n": nil, "t": "1970-01-01T00:00:01Z", "v": "a_v1",
      "o": ["k": "v"], "list": [["k": "1"], ["k": "2"]], "texts": ["a", "b"], "map": ["x": 1, "y": 2.5],
    ])
    #expect(try reader.required("s", .string) == "x")
    #expect(try reader.required("i", .integer) == 5)
    #expect(try reader.required("d", .number) == 0.5)
    #expect(try reader.required("b", .bool))
    #expect(try reader.nullable("n", .string) == nil)
    #expect(try reader.optional("missing", .string) == nil)
    #expect(try reader.required("t", .timestamp).milliseconds == 1000)
    #expect(try reader.required("v", .version).number == 1)
    let takeKey = { (nested: inout JSONReader) throws(RegistryError) in try nested.required("k", .string) }
    #expect(try reader.required("o", object: takeKey) == "v")
    #expect(try reader.required("list", objects: takeKey) == ["1", "2"])
    #expect(try reader.required("texts", elements: .string) == ["a", "b"])
    #expect(try reader.required("map", values: .number) == ["x": 1, "y": 2.5])
    try reader.finish()
  }

  @Test func `durations, sizes and lists may be missing, and name what they need`() throws {
    var reader = try reader(["time": "90s", "size": "2GiB", "bad": 90, "word": "soon", "list": ["a", 1]])
    #expect(try reader.required("time", .duration).milliseconds == 90_000)
    #expect(try reader.required("size", .size).bytes == 2 << 30)
    #expect(try reader.optional("none", .duration) == nil)
    #expect(try reader.optional("none", elements: .string) == nil)
    #expect(
      refusal { () throws(RegistryError) in try reader.optional("bad", .duration) }?.message
        == "document.bad is a number, and a duration such as 90s, 10m or 7d is needed")
    #expect(
      refusal { () throws(RegistryError) in try reader.optional("bad", .size) }?.message
        == "document.bad is a number, and a size such as 512MiB is needed")
    #expect(
      refusal { () throws(RegistryError) in try reader.optional("word", .duration) }?.message
        == "document.word is wrong: \"soon\" is not a duration")
    #expect(
      refusal { () throws(RegistryError) in try reader.optional("list", elements: .string) }?.message
        == "document.list[1] is a number, and a string is needed")
  }

  @Test func `an unknown field is refused with the nearest known one`() throws {
    var reader = try reader(["digest": "x", "framwork": "jax"])
    _ = try reader.required("digest", .string)
    _ = try reader.optional("framework", .string)
    let error = refusal { () throws(RegistryError) in try reader.finish() }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains(#"document has the unknown field "framwork""#) == true)
    #expect(error?.hint.contains(#"did you mean "framework"?"#) == true)
  }

  @Test func `an unknown field that resembles nothing lists the known ones`() throws {
    var reader = try reader(["digest": "x", "zzzzzz": 1])
    _ = try reader.required("digest", .string)
    let error = refusal { () throws(RegistryError) in try reader.finish() }
    #expect(error?.hint.contains("digest") == true && error?.hint.contains("mean") == false)
  }

  @Test func `errors name the document and the field`() throws {
    var reader = try reader(["a": 1, "n": nil, "d": "sha256:0", "f": 1.5, "list": [["k": 1]], "o": ["x": 1]])
    #expect(
      refusal { () throws(RegistryError) in try reader.required("a", .string) }?.message
        == "document.a is a number, and a string is needed")
    #expect(refusal { () throws(RegistryError) in try reader.required("n", .string) }?.code == .integrity)
    #expect(refusal { () throws(RegistryError) in try reader.optional("n", .string) }?.code == .integrity)
    #expect(
      refusal { () throws(RegistryError) in try reader.required("x", .string) }?.message
        == #"document lacks the field "x""#)
    #expect(
      refusal { () throws(RegistryError) in try reader.nullable("x", .string) }?.message
        == #"document lacks the field "x""#)
    let digest = refusal { () throws(RegistryError) in try reader.required("d", .digest) }
    #expect(digest?.code == .integrity && digest?.message.hasPrefix("document.d is wrong") == true)
    #expect(refusal { () throws(RegistryError) in try reader.required("f", .integer) }?.code == .integrity)
    let takeKey = { (nested: inout JSONReader) throws(RegistryError) in try nested.required("k", .string) }
    #expect(
      refusal { () throws(RegistryError) in try reader.required("list", objects: takeKey) }?.message
        .contains("document.list[0].k") == true)
    let takeNothing = { (_: inout JSONReader) throws(RegistryError) in () }
    #expect(
      refusal { () throws(RegistryError) in try reader.required("o", object: takeNothing) }?.message
        .contains(#"document.o has the unknown field "x""#) == true)
  }

  @Test func `only an object can be read`() {
    #expect(refusal { () throws(RegistryError) in try JSONReader([1], context: "c") }?.code == .integrity)
  }
}
