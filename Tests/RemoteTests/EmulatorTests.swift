import GoogleCloud
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Other people's emulators, each with what it is known to get right; what is left out is listed in the output.
@Suite(.serialized) struct EmulatorTests {
  @Test(arguments: Emulator.Kind.all) func `an emulator gives what every remote gives, where it is right`(
    _ kind: Emulator.Kind
  ) throws {
    guard let emulator = try Emulator.start(kind) else { return }
    for (number, one) in ObjectStoreCase.all.enumerated() {
      let lacking = one.needs.intersection(kind.lacks).map(\.rawValue).sorted()
      guard lacking.isEmpty else {
        print("\(kind.name): \"\(one.name)\" is left out: no \(lacking.joined(separator: ", "))")
        continue
      }
      do {
        try one.body(emulator.client("case-\(number)"))
      } catch {
        Issue.record(error, "\(kind.name): \(one.name)")
      }
    }
  }

  @Test func `two robots share versions through fake-gcs-server`() throws {
    guard let emulator = try Emulator.start(.fakeGCSServer) else { return }
    let environment = emulator.environment
    try SharedStory(uri: RemoteURI(parsing: "gs://\(emulator.bucket)/models")) {
      uri, sessions, _ throws(RegistryError) in
      try StorageClient.open(
        BucketLocation(parsing: uri.description), environment: environment,
        http: HTTPClient(HTTPConfiguration()), sessions: sessions)
    }.play()
  }
}
