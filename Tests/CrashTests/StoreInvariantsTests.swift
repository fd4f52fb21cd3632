#if DEBUG
  import Foundation
  import GRDB
  import ModelRegistry
  import TestSupport
  import Testing

  /// A matrix proves as much as its invariants see: each of these stores breaks one of them.
  @Suite struct StoreInvariantsTests {
    enum Place: Hashable {
      /// Seen by ``StoreInvariants/checkRaw()``, and so by everything.
      case raw
      /// Seen when link, folders and rows are compared.
      case agreement
    }

    struct Breakage: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let place: Place
      let make: @Sendable (String) throws -> Void

      init(_ name: String, _ place: Place, _ make: @escaping @Sendable (String) throws -> Void) {
        testDescription = name
        self.place = place
        self.make = make
      }

      static func removing(_ path: String, _ place: Place) -> Breakage {
        Breakage("without \(path)", place) { try FileManager.default.removeItem(atPath: "\($0)/\(path)") }
      }

      static func adding(_ path: String, _ place: Place, _ text: String = "x") -> Breakage {
        Breakage("with \(path)", place) { try Data(text.utf8).write(to: URL(filePath: "\($0)/\(path)")) }
      }

      static func linking(_ path: String, to text: String, _ place: Place) -> Breakage {
        Breakage("\(path) leads to \(text)", place) { root in
          try? FileManager.default.removeItem(atPath: "\(root)/\(path)")
          try FileManager.default.createSymbolicLink(atPath: "\(root)/\(path)", withDestinationPath: text)
        }
      }

      static func row(_ sql: String, _ place: Place) -> Breakage {
        Breakage(sql, place) { root in
          let queue = try DatabaseQueue(path: "\(root)/registry.db")
          try queue.write { try $0.execute(sql: "PRAGMA ignore_check_constraints=1; \(sql)") }
          try queue.close()
        }
      }

      /// Puts a token's file there; with `revoked` the audit knows that it was made.
      static func token(_ name: String, _ place: Place, revoked: Bool) -> Breakage {
        Breakage(name, place) { root in
          let name = try TokenName(parsing: "fleet")
          let options = Bench(String(root.dropLast("/root".count))).options()
          var record = TokenRecord(
            name: name, scopes: [.read], hash: Bench.spoilt, createdAt: Timestamp(milliseconds: 0),
            createdBy: "tester", expiresAt: nil)
          if revoked {
            record = try Registry.open(root, options).createToken(name, scopes: [.read]).record
              .revoking(at: Timestamp(milliseconds: 1), by: "tester")
          }
          let folder = "\(root)/private/tokens"
          try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
          try Data(record.canonicalBytes).write(to: URL(filePath: "\(folder)/fleet"))
          #expect(chmod("\(folder)/fleet", 0o600) == 0)
        }
      }

      static let all: [Breakage] = [
        .removing("versions/robot_001_v3/lora_adapters.npz", .raw),
        .removing("versions/robot_001_v3", .raw),
        .removing("manifests/robot_001_v2.json", .raw),
        .removing("generations/1/generation.json", .raw),
        .removing("generations/2/trial", .raw),
        .removing("generations/2/back", .agreement),
        .removing("reserve", .agreement),
        .adding("versions/robot_001_v3/stray", .raw),
        .adding("blobs/sha256/c5/stray", .raw),
        .adding("manifests/robot_009_v1.json", .raw),
        .adding("staging/stray", .agreement),
        .adding("stray", .agreement),
        .linking("active", to: "generations/9", .raw),
        .linking("active", to: "generations/1", .agreement),
        .linking("generations/2/robot_001", to: "../../versions/robot_001_v1", .raw),
        .linking("generations/2/back", to: "generations/9", .agreement),
        .linking("generations/1/trial", to: "not confirmed yet", .agreement),
        .linking("manifests/robot_001_v1.json", to: "../blobs/sha256/00/00", .raw),
        .row("UPDATE generations SET state = 'pending' WHERE number = 2", .agreement),
        .row("UPDATE generations SET state = 'left' WHERE number = 2", .agreement),
        .row("UPDATE generations SET digest = zeroblob(32) WHERE number = 2", .raw),
        .row("UPDATE history SET state = 'pending' WHERE id = 2", .agreement),
        .row("UPDATE head SET link = 1", .agreement),
        .row("UPDATE versions SET installed = 0 WHERE number = 3", .agreement),
        .row("INSERT INTO tombstones VALUES ('tree', 'robot_001_v3')", .agreement),
        .row("INSERT INTO blobs (digest, bytes) VALUES (zeroblob(32), 1)", .raw),
        .row("DELETE FROM stamps; DELETE FROM blobs", .raw),
        Breakage("a flipped byte", .raw) { try Bench(String($0.dropLast("/root".count))).spoil() },
        token("with a token that the audit doesn't know", .raw, revoked: false),
        token("with a revocation that the audit doesn't know", .agreement, revoked: true),
        Breakage("with a manifest of an archive that is neither here nor sent", .raw) { root in
          let manifest = ArchiveManifest(
            archive: Bench.spoilt, bytes: 1, robot: nil, createdAt: nil, episodes: [])
          try FileManager.default.createDirectory(
            atPath: "\(root)/private/episodes", withIntermediateDirectories: true)
          try Data(manifest.json.canonicalBytes).write(to: URL(filePath: "\(root)/private/episodes/one.json"))
        },
        Breakage("a generation nobody knows", .agreement) { root in
          // Not the highest, which may stay.
          try FileManager.default.createDirectory(
            atPath: "\(root)/generations/3", withIntermediateDirectories: false)
          try FileManager.default.createDirectory(
            atPath: "\(root)/generations/4", withIntermediateDirectories: false)
        },
        Breakage("a file that may be written", .agreement) { root in
          #expect(chmod("\(root)/generations/1/generation.json", 0o644) == 0)
        },
      ]
    }

    @Test func `a store on trial breaks none of them`() throws {
      let scratch = try Scratch("invariants", inMemory: true)
      try Preparation.trial.build(at: scratch("trial"))
      let invariants = StoreInvariants("\(scratch("trial"))/root")
      #expect(invariants.checkAgreement() == [])
      #expect(invariants.checkSettled(Bench(scratch("trial")).options()) == [])
    }

    @Test(arguments: Breakage.all)
    func `what is broken is seen`(breakage: Breakage) throws {
      let scratch = try Scratch("invariants", inMemory: true)
      try Preparation.trial.build(at: scratch("trial"))
      let invariants = StoreInvariants("\(scratch("trial"))/root")
      try breakage.make(invariants.root)
      #expect(!invariants.checkAgreement().isEmpty)
      #expect(invariants.checkRaw().isEmpty == (breakage.place == .agreement))
    }

    @Test func `a link that is moved by opening, and a change by the second one, are seen in a snapshot`()
      throws
    {
      let scratch = try Scratch("invariants", inMemory: true)
      try Preparation.plain.build(at: scratch("plain"))
      let root = "\(scratch("plain"))/root"
      let before = try StoreSnapshot(root)
      #expect(before.differences(to: try StoreSnapshot(root)) == [])
      try Breakage.row("UPDATE head SET link = 2", .agreement).make(root)
      #expect(before.differences(to: try StoreSnapshot(root)).count == 2)
      let path = "\(root)/generations/1/generation.json"
      let bytes = try Data(contentsOf: URL(filePath: path))
      try FileManager.default.removeItem(atPath: path)
      try bytes.write(to: URL(filePath: path))
      #expect(before.differences(to: try StoreSnapshot(root)).count == 4)
    }
  }
#endif
