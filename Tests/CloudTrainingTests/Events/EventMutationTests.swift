import CloudTraining
import Mutations
import RegistryModel
import Testing

/// Events come from anybody who can reach the service.
@Suite struct EventMutationTests {
  @Test(arguments: RecordedEvent.names)
  func `an event that chance has changed is refused, or names an object`(_ name: String) throws {
    let event = try RecordedEvent(name)
    var taken = 0
    for (seed, body) in Mutations(of: [event.body]) {
      taken += check("\(name), seed \(seed)") { () throws(RegistryError) in
        try StorageEvent(headers: event.headers, body: body)
      }
    }
    #expect(taken > 0)
  }

  @Test(arguments: RecordedEvent.names)
  func `an event with headers that chance has changed is refused, or names an object`(_ name: String) throws {
    let event = try RecordedEvent(name)
    let values = event.headers.map { Array($0.value.utf8) }
    var taken = 0
    for (seed, value) in Mutations(of: values) {
      var headers = event.headers
      headers[Int(seed) % headers.count].value = String(decoding: value, as: UTF8.self)
      taken += check("\(name), seed \(seed)") { [headers] () throws(RegistryError) in
        try StorageEvent(headers: headers, body: event.body)
      }
    }
    #expect(taken > 0)
  }

  /// 1 where it was taken for an event of an object, else 0.
  private func check(_ origin: String, _ read: () throws(RegistryError) -> StorageEvent) -> Int {
    do {
      guard case .finalized(let object) = try read() else { return 0 }
      #expect(1...222 ~= object.bucket.utf8.count && 1...1024 ~= object.name.utf8.count, "\(origin)")
      #expect(UInt64(object.generation) != nil, "\(origin)")
      return 1
    } catch {
      #expect(!error.message.isEmpty && !error.hint.isEmpty, "\(origin)")
      return 0
    }
  }
}
