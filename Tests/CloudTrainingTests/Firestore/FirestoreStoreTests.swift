import RegistryModel
import Testing

@Suite struct FirestoreStoreTests {
  @Test(arguments: JobStoreCase.all) func `Firestore does what every store of jobs does`(_ one: JobStoreCase)
    throws
  {
    let cloud = try SimulatedFirestore()
    try one.body(cloud.stage())
  }

  @Test func `so does the official emulator, for what can be asked of it`() throws {
    guard let emulator = try FirestoreEmulator.start() else { return }
    for (number, one) in JobStoreCase.all.enumerated() {
      let stage = try emulator.stage("case-\(number)")
      let lacking = one.needs.subtracting(stage.has).map(\.rawValue).sorted()
      guard lacking.isEmpty else {
        print("Firestore emulator: \"\(one.name)\" is left out: no \(lacking.joined(separator: ", "))")
        continue
      }
      do { try one.body(stage) } catch { Issue.record(error, "Firestore emulator: \(one.name)") }
    }
  }
}
