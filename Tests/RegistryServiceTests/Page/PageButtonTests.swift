import Foundation
import HTTPTypes
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@testable import RegistryService

@Suite struct `The buttons of the page` {
  private let pages: ServedPages

  init() throws { pages = try ServedPages(StoreFixture.ready()) }

  private var active: Int? { pages.core.activeGeneration }

  @Test func `activate, confirm and roll back, with a reason`() throws {
    let activated = try pages.ask(
      "/actions/activate",
      form: [
        "reference": "robot_001_v2", "reason": " night run ", "attempts": "", "deadline": "",
        "if_generation": "1",
      ])
    #expect(activated.status == 303 && activated.location == "/?done=activated")
    #expect(active == 2)
    #expect(try pages.ask("/").text.contains("night run"))
    #expect(try pages.ask("/?done=activated").text.contains("The switch is done."))
    #expect(try pages.ask("/actions/confirm", form: ["if_generation": "2"]).location == "/?done=confirmed")
    let back = try pages.ask(
      "/actions/rollback", form: ["reason": "slips", "bad": "true", "if_generation": "2"])
    #expect(back.location == "/?done=rolled-back" && active == 1)
    #expect(try pages.ask("/versions/robot_001_v2").text.contains("blocked"))
    let entries = try pages.fixture.open().history().items
    #expect(entries.map(\.by) == ["page:anna", "page:anna", "tester"])
  }

  @Test func `do nothing where somebody else was faster, and show what changed`() throws {
    try pages.fixture.open().activate("robot_001_v3", ActivationOptions(reason: "I was first"))
    for (action, form) in [
      ("activate", ["reference": "robot_001_v2", "if_generation": "1"] as KeyValuePairs),
      ("confirm", ["if_generation": "1"]),
      ("rollback", ["if_generation": "1"]), ("deactivate", ["adapter": "robot_001", "if_generation": "1"]),
    ] {
      let answer = try pages.ask("/actions/\(action)", form: form)
      #expect(answer.status == 409, "\(action)")
      #expect(answer.text.contains("Somebody was faster") && answer.text.contains("I was first"), "\(action)")
      #expect(active == 2, "\(action)")
    }
  }

  @Test func `say what they saw, but for the way back`() throws {
    let whole: [(action: String, form: KeyValuePairs<String, String>)] = [
      ("activate", ["reference": "robot_001_v2"]),
      ("activate", ["reference": "robot_001_v2", "if_generation": ""]),
      ("deactivate", ["adapter": "robot_001"]), ("confirm", [:]), ("confirm", ["if_generation": " "]),
    ]
    for (action, form) in whole {
      #expect {
        try pages.ask("/actions/\(action)", form: form)
      } throws: { ($0 as? RegistryError)?.code == .usage }
      #expect(active == 1, "\(action)")
    }
    try pages.fixture.open().activate("robot_001_v3")
    #expect(try pages.ask("/actions/rollback", form: [:]).status == 303)
    #expect(active == 1)
  }

  @Test func `pass a refusal on that has another reason`() throws {
    #expect {
      try pages.ask("/actions/activate", form: ["reference": "robot_001_v9", "if_generation": "1"])
    } throws: { ($0 as? RegistryError)?.code == .notFound }
    #expect {
      try pages.ask("/actions/uninstall", form: ["reference": "robot_001_v1"])
    } throws: { ($0 as? RegistryError)?.code == .refused }
  }

  @Test func `do nothing without the page's own token`() throws {
    for seal in ["", "wrong", String(repeating: "0", count: 32)] {
      for action in ["activate", "confirm", "rollback", "install", "pin", "run", "token-create"] {
        #expect {
          try pages.ask("/actions/\(action)", form: ["reference": "robot_001_v2"], seal: seal)
        } throws: { ($0 as? RegistryError)?.code == .permission }
      }
    }
    #expect(active == 1)
  }

  @Test func `are for whoever may`() throws {
    let reader = try ServedPages(StoreFixture.ready(), [.read])
    let trainer = try ServedPages(StoreFixture.ready(), [.train])
    for route in PageRoutes.all where route.method == .post && route.path.description.hasPrefix("/actions/") {
      #expect(throws: Denied.self) { try reader.ask(route.path.description, form: [:]) }
      guard !route.path.description.contains("train"), !route.path.description.contains("upload") else {
        continue
      }
      #expect(throws: Denied.self) { try trainer.ask(route.path.description, form: [:]) }
    }
  }

  @Test func `install, pin, unpin and uninstall`() throws {
    #expect(
      try pages.ask("/actions/pin", form: ["reference": "robot_001_v3"]).location
        == "/versions/robot_001_v3?done=pinned")
    #expect(try pages.ask("/actions/unpin", form: ["reference": "robot_001_v3"]).status == 303)
    #expect(
      try pages.ask("/actions/uninstall", form: ["reference": "robot_001_v3"]).location
        == "/versions/robot_001_v3?done=uninstalled")
    let installed = try pages.ask("/actions/install", form: ["reference": "robot_001_v3"])
    let location = try #require(installed.location)
    #expect(installed.status == 303 && location.hasPrefix("/operations/op_"))
    #expect(try pages.ask(location).text.contains("robot_001_v3"))
    #expect(pages.core.operations.close(waitingAtMost: 30))
  }

  @Test func `make a token and show it once, and take it back`() throws {
    let made = try pages.ask(
      "/actions/token-create",
      form: ["name": "ben", "scope_read": "true", "scope_train": "true", "expires_in": "90d"])
    #expect(made.status == 201 && made.text.contains("mctl_"))
    #expect(!(try pages.ask("/tokens").text.contains("mctl_")))
    #expect(throws: RegistryError.self) {
      try pages.ask("/actions/token-create", form: ["name": "carla", "expires_in": ""])
    }
    #expect(try pages.ask("/actions/token-revoke", form: ["name": "ben"]).location == "/tokens?done=revoked")
    #expect(try pages.ask("/tokens").text.contains("revoked"))
  }

  /// A stolen token doesn't wait until the index is there again.
  @Test func `take a token back without an index, too`() throws {
    _ = try pages.ask("/actions/token-create", form: ["name": "ben", "scope_read": "true"])
    let ben = try TokenName(parsing: "ben")
    #expect(try pages.core.tokens.usable(ben, at: pages.core.now) != nil)
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      let path = "\(pages.fixture.root)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      try FileManager.default.moveItem(atPath: path, toPath: pages.fixture.scratch(name))
    }
    #expect {
      try pages.ask("/actions/token-revoke", form: ["name": "ben"])
    } throws: { ($0 as? RegistryError)?.unchanged.contains("ben is revoked") == true }
    #expect(try pages.core.tokens.usable(ben, at: pages.core.now) == nil)
  }

  /// What may hash for long and wait for a gate would keep the way back waiting.
  @Test func `that end a trial go before everything else, and those that begin one don't`() {
    let urgent = (SwitchActions.all + SwitchRoutes.all).filter { $0.isUrgent && $0.method == .post }
    #expect(
      urgent.map(\.path.description) == [
        "/actions/confirm", "/actions/rollback", "/api/confirm", "/api/boot", "/api/health", "/api/rollback",
      ])
  }
}
