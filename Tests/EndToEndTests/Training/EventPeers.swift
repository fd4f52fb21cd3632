import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

/// Somebody else's bucket that publishes its events, and Google's own emulator of Pub/Sub that pushes them, as processes on
/// free ports.
final class EventPeers {
  static let project = "emulated"
  static let topic = "jobs"

  private var children: [Child] = []
  private let http: HTTPClient
  private let pubsub: String
  let storage: String

  /// Nil, and a line that says so, where one of them isn't there.
  static func start() throws -> EventPeers? {
    guard let bucket = Peers.fakeGCS else { return skip("fake-gcs-server isn't in .build/peers") }
    guard let program = Peers.pubsub else { return skip("the Google Cloud CLI has no pubsub-emulator here") }
    return try EventPeers(bucket: bucket, pubsub: program)
  }

  private static func skip(_ why: String) -> EventPeers? {
    print("events by way of Pub/Sub, NOT TESTED, skipped: \(why)")
    return nil
  }

  private init(bucket: String, pubsub program: String) throws {
    http = HTTPClient(try HTTPConfiguration())
    let (messages, objects) = (try LocalPort.free(), try LocalPort.free())
    pubsub = "http://127.0.0.1:\(messages)/v1/projects/\(Self.project)"
    storage = "http://127.0.0.1:\(objects)"
    children.append(
      try Child([program, "--host=127.0.0.1", "--port=\(messages)"], environment: Program.environment))
    try poll("Pub/Sub has its topic") {
      (try? call(.put, "\(pubsub)/topics/\(Self.topic)", [:])) == 200
    }
    children.append(
      try Child(
        [
          bucket, "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", "\(objects)",
          "-external-url", storage, "-public-host", "127.0.0.1:\(objects)", "-event.pubsub-project-id",
          Self.project, "-event.pubsub-topic", Self.topic, "-event.list", "finalize",
        ],
        environment: Program.environment.merging(["PUBSUB_EMULATOR_HOST": "127.0.0.1:\(messages)"]) { $1 }))
    try poll("the bucket is there") {
      (try? call(
        .post, "\(storage)/storage/v1/b?project=\(Self.project)", ["name": .string(TrainingStore.bucket)]))
        == 200
    }
  }

  deinit {
    for child in children {
      child.signal(SIGKILL)
      _ = try? child.wait()
    }
  }

  /// Has all events pushed to a service.
  func subscribe(_ service: ServiceUnderTest) throws {
    let body: JSONValue = [
      "topic": .string("projects/\(Self.project)/topics/\(Self.topic)"), "ackDeadlineSeconds": 10,
      "pushConfig": ["pushEndpoint": .string("http://\(service.address)/events")],
    ]
    #expect(try call(.put, "\(pubsub)/subscriptions/jobs", body) == 200)
  }

  private func call(_ method: HTTPRequest.Method, _ address: String, _ body: JSONValue) throws -> Int {
    var request = HTTPRequest(
      method, try HTTPAddress(parsing: address), headers: ["Content-Type": "application/json"],
      body: .bytes(body.canonicalBytes))
    request.isLocal = true
    return try http.perform(request).status
  }
}
