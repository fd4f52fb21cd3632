import CloudTraining
import Foundation
import RegistryModel
import Testing

@Suite struct `An event of a bucket` {
  @Test(arguments: RecordedEvent.names) func `means the same in every envelope`(_ name: String) throws {
    let event = try RecordedEvent(name)
    guard case .finalized(let object) = try StorageEvent(headers: event.headers, body: event.body) else {
      return #expect(Bool(false))
    }
    #expect(object.bucket == "continuon-data" && object.name == "robots/jobs/job_9f2c51d07ab3.json")
    #expect(object.generation == RecordedEvent.generation)
    #expect(object.jobID == (name == "push-without-payload" ? nil : RecordedEvent.job))
  }

  @Test(arguments: ["binary", "structured", "push"])
  func `of another type is told apart, whatever it carries`(
    _ name: String
  ) throws {
    let event = try RecordedEvent(name).replacing("v1.finalized", with: "v1.deleted")
      .replacing("OBJECT_FINALIZE", with: "OBJECT_DELETE")
    let type = name == "push" ? "OBJECT_DELETE" : "google.cloud.storage.object.v1.deleted"
    #expect(try StorageEvent(headers: event.headers, body: event.body) == .other(type))
    let headers = event.headers
    guard name == "binary" else { return }
    #expect(try StorageEvent(headers: headers, body: [0xff]) == .other(type))
  }

  /// What is replaced in a recorded event, and by what.
  static let damage: [(event: String, old: String, new: String)] = [
    ("binary", "1.0", "0.3"), ("structured", #""1.0""#, #""2.0""#), ("binary", "7a5d1c0e", ""),
    ("binary", "application/json", "text/plain"), ("binary", "application/json", "application/xml"),
    ("structured", "application/cloudevents+json", "application/cloudevents-batch+json"),
    ("structured", #""datacontenttype": "application/json""#, #""datacontenttype": "text/xml""#),
    ("structured", #""data":"#, #""dat":"#), ("structured", #""data":"#, #""data_base64": "e30=", "data":"#),
    ("structured-base64", #""data_base64": ""#, #""data_base64": "*"#),
    ("binary", "storage#object", "storage#bucket"), ("binary", "buckets/continuon-data", "buckets/other"),
    ("binary", #""name": "#, #""nom": "#), ("binary", #""bucket": "#, #""bucket": 1, "b": "#),
    ("binary", #""generation": "1767608100123456""#, #""generation": 1767608100123456"#),
    ("binary", RecordedEvent.generation, "-1"), ("binary", RecordedEvent.generation, "1e9"),
    ("binary", RecordedEvent.generation, "99999999999999999999"), ("binary", RecordedEvent.generation, ""),
    ("binary", #""metadata": {"#, #""metadata": [{"#),
    ("binary", #""metadata": {"#, #""metadata": null, "m": {"#),
    ("binary", #""job_id": "job_9f2c51d07ab3""#, #""job_id": 7"#),
    ("binary", #""name": ""#, #""name": ""# + String(repeating: "x", count: 1025)),
    ("binary", #""kind""#, #""bucket": "twice", "kind""#), ("binary", "{", "["), ("binary", "{", "}"),
    ("push", #""message": "#, #""massage": "#), ("push", #""eventType": "#, #""event": "#),
    ("push", #""data": ""#, #""data": "!"#), ("push", #""data": ""#, #""data": 1, "d": ""#),
    ("push", #""bucketId": "continuon-data""#, #""bucketId": "other""#),
    ("push", #""objectId": "robots"#, #""objectId": "others"#),
    ("push", #""objectGeneration": "1"#, #""objectGeneration": "2"#),
    ("push", #""attributes": {"#, #""attributes": {"more": {}}, "attributes": {"#),
    ("push-without-payload", #""objectGeneration""#, #""generation""#),
    ("push-by-eventarc", #""message": "#, #""massage": "#),
  ]

  @Test(arguments: damage.indices) func `that is broken or contradicts itself is refused`(_ number: Int)
    throws
  {
    let damage = Self.damage[number]
    var event = try RecordedEvent(damage.event)
    let before = event
    event.headers = event.headers.map {
      ($0.name, $0.value.replacingOccurrences(of: damage.old, with: damage.new))
    }
    event.text = event.text.replacingOccurrences(of: damage.old, with: damage.new)
    try #require(event.text != before.text || event.headers.map(\.value) != before.headers.map(\.value))
    let error = #expect(throws: RegistryError.self, "\(damage)") {
      _ = try StorageEvent(headers: event.headers, body: event.body)
    }
    #expect(error?.code == .integrity)
  }

  @Test func `needs its headers, once each`() throws {
    let event = try RecordedEvent("binary")
    for name in ["ce-id", "ce-type", "ce-source", "ce-specversion"] {
      let fewer = event.headers.filter { $0.name != name }
      #expect(throws: RegistryError.self) { _ = try StorageEvent(headers: fewer, body: event.body) }
      let more = event.headers + [(name.uppercased(), "x")]
      #expect(throws: RegistryError.self) { _ = try StorageEvent(headers: more, body: event.body) }
    }
    let shouted = event.headers.map { (name: $0.name.uppercased(), value: $0.value) }
    #expect(throws: Never.self) { _ = try StorageEvent(headers: shouted, body: event.body) }
  }

  @Test func `of any bytes at all traps nowhere`() throws {
    var generator = SystemRandomNumberGenerator()
    for name in RecordedEvent.names {
      let event = try RecordedEvent(name)
      for _ in 0..<200 {
        var body = event.body
        body[Int.random(in: body.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        body.removeLast(Bool.random() ? 0 : Int.random(in: 0...20))
        _ = try? StorageEvent(headers: event.headers, body: body)
      }
    }
    for depth in [31, 32, 100_000] {
      let body = Array((String(repeating: #"{"message":"#, count: depth) + "1").utf8)
      #expect(throws: RegistryError.self) { _ = try StorageEvent(headers: [], body: body) }
    }
  }
}
