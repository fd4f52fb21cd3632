import DurableFiles
import ModelRegistry
import Synchronization
import TestSupport
import Testing

/// Two processes at once, as two objects on two threads: either one after the other, or one is refused or busy (I9).
@Suite struct RaceTests {
  enum Verb: String, CaseIterable, CustomTestStringConvertible {
    case activate, deactivate, confirm, boot, fault, rollback, rollbackTo, publish, publishAgain, install,
      uninstall
    case gc, verify, pin

    var testDescription: String { rawValue }

    func run(_ fixture: StoreFixture, _ side: String) throws {
      let registry = try fixture.open()
      switch self {
      case .activate: try registry.activate("robot_001_v3")
      case .deactivate: try registry.deactivate("robot_001")
      case .confirm: try registry.confirm(generation: 2)
      case .boot: _ = try fixture.boot()
      case .fault: try registry.health(.fault("drops parts"), generation: 2)
      case .rollback: try registry.rollback()
      case .rollbackTo: try registry.rollback(to: 1)
      case .publish:
        let path = fixture.scratch("source-\(side)")
        try registry.publish(PublishRequest(adapter: "robot_001", paths: [path]))
      case .publishAgain:
        try registry.publish(PublishRequest(adapter: "robot_001", paths: [fixture.scratch("source-four")]))
      case .install: _ = try registry.install("robot_001_v4")
      case .uninstall: _ = try registry.uninstall("robot_001_v3")
      case .gc: _ = try registry.collect(CollectionPolicy(keep: 1))
      case .verify: #expect(try registry.verify(full: true).damaged == [])
      case .pin: try registry.pin("robot_001_v3")
      }
    }
  }

  /// v1 confirmed, v2 on trial in generation 2, v3 installed, v4 known and collected.
  private static let pattern = Result {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("four", in: registry)
    _ = try registry.uninstall("robot_001_v4")
    try registry.activate("robot_001_v2")
    for side in ["left", "right"] { _ = try fixture.source(side) }
    return fixture.kept()
  }

  private func copy() throws -> StoreFixture { try StoreFixture(copying: Self.pattern.get()) }

  static let pairs: [(Verb, Verb)] = Verb.allCases.enumerated().flatMap { position, verb in
    Verb.allCases[position...].map { (verb, $0) }
  }

  @Test(arguments: pairs)
  func `two at once do what one after the other would have done`(first: Verb, second: Verb) throws {
    let fixture = try copy()
    let (a, b) = race({ try first.run(fixture, "left") }, { try second.run(fixture, "right") })
    for (verb, result) in [(first, a), (second, b)] {
      guard case .failure(let error) = result else { continue }
      let code = (error as? RegistryError)?.code
      // What is to be deactivated may not be active any more, and what is to be installed may be collected.
      let isGone = code == .notFound && [.deactivate, .install].contains(verb)
      #expect(code == .refused || code == .busy || isGone, "\(verb): \(error)")
    }
    try fixture.expectSound()
    let registry = try fixture.open()
    let history = try registry.history().items
    #expect(history.allSatisfy { $0.state != .pending })
    #expect(fixture.active == "generations/\(history.first { $0.state == .done }?.generation ?? 0)")
    #expect(
      try ActiveState.read(fixture.root).set.sorted.allSatisfy { fixture.exists("versions/\($0.version)") })
  }

  @Test func `two publications of one number: one gets it, the other is refused`() throws {
    let fixture = try copy()
    let (a, b) = race(
      { try fixture.publish("left", number: 9, in: fixture.open()).version },
      { try fixture.publish("right", number: 9, in: fixture.open()).version })
    let codes = [a, b].map { result in code { try result.get() } }
    #expect(Set(codes) == [nil, .refused])
    try fixture.expectSound()
  }

  @Test func `two publications of the same content make one version`() throws {
    let fixture = try copy()
    _ = try fixture.source("same")
    let request = PublishRequest(adapter: "robot_001", paths: [fixture.scratch("source-same")])
    let (a, b) = race({ try fixture.open().publish(request) }, { try fixture.open().publish(request) })
    #expect(try a.get().digest == b.get().digest)
    #expect(try [a.get().existing, b.get().existing].filter(\.self).count == 1)
    try fixture.expectSound()
  }

  @Test func `many threads on one object number their versions without gaps`() throws {
    let fixture = try copy()
    let registry = try fixture.open()
    let threads = (0..<8).map { number in
      Running { try fixture.publish("thread\(number)", in: registry).version.number }
    }
    #expect(try threads.map { try $0.get() }.sorted() == Array(5...12))
    try fixture.expectSound()
  }

  @Test func `an uninstalled version and its activation never both succeed`() throws {
    for _ in 0..<4 {
      let fixture = try copy()
      let (a, b) = race(
        { try fixture.open().uninstall("robot_001_v3").freeableBytes },
        { try fixture.open().activate("robot_001_v3").generation })
      let codes = [code { try a.get() }, code { try b.get() }]
      #expect(codes.filter { $0 == nil }.count == 1, "\(codes)")
      try fixture.expectSound()
    }
  }

  @Test func `a publication survives a gc that takes what it wants to reuse`() throws {
    for _ in 0..<4 {
      let fixture = try copy()
      let (a, b) = race(
        { try fixture.publish("four", in: fixture.open()).version.number },
        { try fixture.open().collect().removedBlobs.count })
      #expect(try a.get() == 4)
      _ = try b.get()
      #expect(try fixture.text("versions/robot_001_v4/lora_adapters.npz") == "weights of four")
      try fixture.expectSound()
    }
  }

  @Test func `openings never stumble over operations that begin and end`() throws {
    let fixture = try copy()
    let isOver = Atomic<Bool>(false)
    // Nothing but what operations do first and last: many begin together, and end one after the other.
    let working = Running {
      let staging = try Directory.open(fixture.path("staging"))
      let locks = try Directory.open(fixture.path("locks"))
      var round = 0
      while !isOver.load(ordering: .relaxed) {
        round += 1
        let names = (0..<50).map { "publish-\(round)-\($0)" }
        let moment = try FileLock.acquire("staging", in: locks, .shared, waitingAtMost: 60_000)
        let held = try names.map { name in
          try staging.makeDirectory(name)
          return try FileLock.tryAcquire("lock", in: staging.directory(name), .exclusive)
        }
        moment?.release()
        for (name, lock) in zip(names, held) {
          try? staging.removeTree(name)
          lock?.release()
        }
      }
    }
    defer { isOver.store(true, ordering: .relaxed) }
    let opening = (0..<8).map { _ in Running { for _ in 0..<300 { _ = try fixture.open() } } }
    for thread in opening { try thread.get() }
    isOver.store(true, ordering: .relaxed)
    try working.get()
    _ = try fixture.open()
    #expect(try fixture.names(in: "staging") == [])
    try fixture.expectSound()
  }
}
