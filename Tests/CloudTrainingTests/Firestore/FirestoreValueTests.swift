import GoogleCloud
import RegistryModel
import Testing

@Suite struct FirestoreValueTests {
  @Test(arguments: [
    ("null", #"{"nullValue":null}"#), ("true", #"{"booleanValue":true}"#), ("\"\"", #"{"stringValue":""}"#),
    ("100", #"{"integerValue":"100"}"#), ("-0", #"{"integerValue":"0"}"#), ("2.0", #"{"integerValue":"2"}"#),
    ("0.02", #"{"doubleValue":0.02}"#), ("1e300", #"{"doubleValue":1e+300}"#),
    ("9007199254740991", #"{"integerValue":"9007199254740991"}"#),
    ("9007199254740992", #"{"doubleValue":9007199254740992}"#),
    ("{}", #"{"mapValue":{}}"#), ("[]", #"{"arrayValue":{}}"#),
    (#"{"a":[1]}"#, #"{"mapValue":{"fields":{"a":{"arrayValue":{"values":[{"integerValue":"1"}]}}}}}"#),
  ]) func `a value and Firestore's word for it`(json: String, value: String) throws {
    let json = try JSONValue(parsing: Array(json.utf8))
    let encoded = try FirestoreValue.encode(json, at: "x")
    #expect(encoded.canonicalText == value)
    #expect(try FirestoreValue.decode(encoded, at: "x") == json)
  }

  @Test(arguments: [
    (#"{"timestampValue":"2026-01-05T10:00:00.123456789Z"}"#, #""2026-01-05T10:00:00.123Z""#),
    (#"{"timestampValue":"2026-01-05T10:00:00Z"}"#, #""2026-01-05T10:00:00.000Z""#),
    (#"{"bytesValue":"AAE="}"#, #""AAE=""#), (#"{"referenceValue":"projects/p/x"}"#, #""projects/p/x""#),
    (#"{"geoPointValue":{"latitude":1.5}}"#, #"{"latitude":1.5}"#),
    (#"{"mapValue":{"fields":{}}}"#, "{}"), (#"{"arrayValue":{"values":[]}}"#, "[]"),
    (#"{"integerValue":"-9007199254740991"}"#, "-9007199254740991"), (#"{"integerValue":7}"#, "7"),
    (#"{"doubleValue":3}"#, "3"),
  ]) func `what others wrote is read`(value: String, json: String) throws {
    let decoded = try FirestoreValue.decode(JSONValue(parsing: Array(value.utf8)), at: "x")
    #expect(decoded.canonicalText == json)
  }

  @Test(arguments: [
    "{}", "null", "1", #"{"integerValue":"1","stringValue":"1"}"#, #"{"integerValue":"9007199254740992"}"#,
    #"{"integerValue":"9223372036854775808"}"#, #"{"integerValue":"1.5"}"#, #"{"integerValue":1.5}"#,
    #"{"doubleValue":"NaN"}"#, #"{"doubleValue":"Infinity"}"#, #"{"doubleValue":"nan"}"#,
    #"{"timestampValue":"1969-12-31T23:59:59Z"}"#, #"{"timestampValue":5}"#, #"{"booleanValue":"true"}"#,
    #"{"stringValue":1}"#, #"{"mapValue":[]}"#, #"{"mapValue":{"fields":[]}}"#,
    #"{"arrayValue":{"values":{}}}"#,
    #"{"unheardOfValue":1}"#, #"{"mapValue":{"fields":{"a":{}}}}"#,
  ]) func `what is no value, or what JSON can't say, is refused with its place`(value: String) throws {
    let value = try JSONValue(parsing: Array(value.utf8))
    let error = failure { try FirestoreValue.decode(value, at: "config.rate") }
    #expect(error?.code == .integrity)
    #expect(error?.message.hasPrefix("config.rate") == true)
  }

  @Test func `what isn't finite can be unknown instead`() throws {
    for word in ["NaN", "Infinity", "-Infinity"] {
      let value: JSONValue = ["mapValue": ["fields": ["loss": ["doubleValue": .string(word)]]]]
      #expect(try FirestoreValue.decode(value, at: "x", nonFinite: .null) == ["loss": nil])
    }
  }

  @Test(arguments: [
    ("localhost:8080", true), ("http://127.0.0.1:8080/", true), ("http://", false), ("a b", false),
  ]) func `the emulator's variable has no scheme, or one`(host: String, isGood: Bool) throws {
    let project = try ProjectID(parsing: "p")
    let environment = ["FIRESTORE_EMULATOR_HOST": host]
    if isGood {
      #expect(try FirestoreEndpoint(project, environment: environment).isEmulator)
    } else {
      let error = failure { try FirestoreEndpoint(project, environment: environment) }
      #expect(error?.code == .usage)
      #expect(error?.message.contains("FIRESTORE_EMULATOR_HOST") == true)
    }
  }

  @Test func `names that could lead elsewhere are refused`() throws {
    for text in ["", "P", "p/q", "p?x", "p#", "../p", String(repeating: "p", count: 64)] {
      #expect(failure { try ProjectID(parsing: text) }?.code == .usage)
    }
    let project = try ProjectID(parsing: "example.com:my-project")
    for database in ["", "a/b", "(other)", "Ä"] {
      #expect(
        failure { try FirestoreEndpoint(project, database: database, environment: [:]) }?.code == .usage)
    }
    #expect(
      failure {
        try FirestoreEndpoint(project, base: "http://firestore.example.com", isEmulator: false)
      }?.code == .usage)
    let client = try FirestoreClient.open(
      project, environment: ["FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"], http: HTTPClient(HTTPConfiguration()))
    for collection in ["", "a/b", "__x__", "a.b"] {
      #expect(failure { try FirestoreJobStore(client, collection: collection) }?.code == .usage)
    }
  }
}
