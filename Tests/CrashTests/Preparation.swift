#if DEBUG
  import Foundation
  import GRDB
  import ModelRegistry
  import TestSupport

  /// A store that an operation is tried on, in `BASE/root`, with sources to publish beside it.
  ///
  /// Each is built once and then copied for every case.
  enum Preparation: String, CaseIterable {
    /// No store at all.
    case nothing
    /// The folders of a store and an index without a schema: an interrupted init.
    case schemaless
    /// v1 active and confirmed (generation 1); v2 and v3 of it, and another adapter's v1, installed.
    case plain
    /// v2 on trial in generation 2.
    case trial
    /// v2 blocked by a fault, v1 active again.
    case blocked
    /// v2 on trial although a fault had blocked it.
    case forced
    /// v2 on trial with every attempt spent in one boot.
    case crashed
    /// v2 on trial with every attempt spent in a boot of its own.
    case dark
    /// v2 active and confirmed in generation 2.
    case chain
    /// v1 and the other adapter's v1 active and confirmed.
    case pair
    /// v1 to v4, each active and confirmed in its turn.
    case long
    /// The same, gone back from generation 4 to 3.
    case returned
    /// v3 uninstalled, its bytes still there.
    case uninstalled
    /// v2 pinned.
    case pinned
    /// Two tokens, `fleet` and `operator`.
    case trusted
    /// The channel `stable` names v2, and v2 is evaluated.
    case marked
    /// The same and more marks, and the index gone for good.
    case lost
    /// The same, and garbage in its place.
    case lostToGarbage
    /// The same with its index, and a backup of it that lacks the last version, the channel and the activation.
    case backedUp
    /// The same, and the index gone.
    case backedUpAndLost
    /// A remote beside it, which has its v3, and a v4 that it hasn't; and a bundle with that.
    case shared
    /// The same, and a byte of v3's weights flipped, unnoticed.
    case sharedFlipped
    /// v3's tree lacks a file.
    case torn
    /// A byte of v3's weights flipped, unnoticed.
    case flipped
    /// The same, found by verify.
    case damaged
    /// The same, and the byte put back since.
    case mended
    /// A byte of v3's weights flipped in the blob, the tree's file a good copy of its own.
    case separated
    /// v2 on trial, the index moved away to `BASE/aside`.
    case indexless
    /// v2 on trial, the index moved away and garbage in its place.
    case garbage

    /// Whether generation 2 of it is on trial, with generation 1 to go back to.
    var isTrial: Bool { [.trial, .crashed, .dark].contains(self) }

    static let sources = ["one", "two", "three", "four"]

    /// Content of v3's weights.
    static func weights(_ content: String) -> [UInt8] { Array("weights of \(content)".utf8) }

    func build(at base: String) throws {
      let files = FileManager.default
      try files.createDirectory(atPath: base, withIntermediateDirectories: true)
      for content in Self.sources + ["other"] {
        try files.createDirectory(atPath: "\(base)/\(content)/config", withIntermediateDirectories: true)
        try Data(Self.weights(content)).write(to: URL(filePath: "\(base)/\(content)/lora_adapters.npz"))
        try Data("{\"rank\":8}".utf8).write(to: URL(filePath: "\(base)/\(content)/config/model_config.json"))
      }
      try Data("{\"success_rate\":0.93}".utf8).write(to: URL(filePath: "\(base)/evaluation.json"))
      try Self.writeModels(at: base)
      guard self != .nothing else { return }
      let bench = Bench(base)
      let registry = try Registry.create(bench.root, bench.options())
      guard self != .schemaless else { return try bench.emptyIndex() }
      for content in ["one", "two", "three"] { try bench.publish(content, in: registry) }
      try bench.publish("other", as: "robot_002", in: registry)
      try registry.activate("robot_001_v1")
      try furnish(bench, registry)
    }

    /// Marks of every kind, and a generation more.
    private func mark(_ bench: Bench, _ registry: Registry) throws {
      let second = try Reference(parsing: "robot_001_v2")
      try registry.setChannel(ChannelName(parsing: "stable"), to: second)
      try registry.evaluate(second, result: "\(bench.base)/evaluation.json")
      guard self != .marked else { return }
      try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
      try registry.activate("robot_001_v3")
      try registry.health(.fault("gripper oscillates"))
      try registry.pin(Reference(parsing: "robot_001_v1"))
      try registry.setChannel(ChannelName(parsing: "stable"), to: Reference(parsing: "robot_001_v1"))
    }

    /// What `import` is tried with: a folder, an archive, and a root of two adapters and a seed.
    private static func writeModels(at base: String) throws {
      let model = try ForeignModel.plan02("four")
      try model.write(to: "\(base)/model")
      try Data(model.archive.tar).write(to: URL(filePath: "\(base)/model.tar"))
      try ForeignModel.plan02("five", version: "v5").write(to: "\(base)/plan/adapters/robot_001_v5")
      try ForeignModel.plan02("six", version: "v6").write(to: "\(base)/plan/adapters/robot_001_v6")
      try ForeignModel.seed("base").write(to: "\(base)/plan/seed/v1.0.0")
    }

    private func share(_ bench: Bench, _ registry: Registry) throws {
      let files = FileManager.default
      try files.createDirectory(atPath: "\(bench.base)/remote", withIntermediateDirectories: true)
      try registry.setRemote(bench.remote)
      _ = try registry.push(Reference(parsing: "robot_001_v3"))
      let other = try Registry.create("\(bench.base)/other-root", bench.options())
      try other.setRemote(bench.remote)
      _ = try other.publish(
        PublishRequest(
          adapter: AdapterName(parsing: "robot_001"), paths: ["\(bench.base)/four"], number: 4, base: nil))
      _ = try other.push(Reference(parsing: "robot_001_v4"))
      _ = try other.createBundle([Reference(parsing: "robot_001_v4")], at: bench.bundle)
    }

    private func furnish(_ bench: Bench, _ registry: Registry) throws {
      let confirmed = ActivationOptions(confirmed: true)
      switch self {
      case .nothing, .schemaless, .plain: break
      case .trial, .indexless, .garbage: try registry.activate("robot_001_v2")
      case .blocked:
        try registry.activate("robot_001_v2")
        try registry.health(.fault("gripper oscillates"))
      case .forced:
        try registry.activate("robot_001_v2")
        try registry.health(.fault("gripper oscillates"))
        try registry.activate("robot_001_v2", ActivationOptions(force: true))
      case .crashed:
        try registry.activate("robot_001_v2")
        for _ in 0..<3 { _ = try registry.boot() }
      case .dark:
        try registry.activate("robot_001_v2")
        for _ in 0..<3 {
          bench.time.reboot()
          _ = try Registry.open(bench.root, bench.options()).boot()
        }
      case .chain: try registry.activate("robot_001_v2", confirmed)
      case .pair: try registry.activate(bench.pair, confirmed)
      case .long, .returned:
        try bench.publish("four", in: registry)
        for number in 2...4 { try registry.activate("robot_001_v\(number)", confirmed) }
        if self == .returned { try registry.rollback() }
      case .uninstalled: _ = try registry.uninstall(Reference(parsing: "robot_001_v3"))
      case .trusted:
        for name in ["fleet", "operator"] {
          _ = try registry.createToken(TokenName(parsing: name), scopes: [.operate])
        }
      case .pinned: try registry.pin(Reference(parsing: "robot_001_v2"))
      case .marked, .lost, .lostToGarbage: try mark(bench, registry)
      case .backedUp, .backedUpAndLost:
        try registry.backup(to: bench.backup)
        try bench.publish("four", in: registry)
        try mark(bench, registry)
      case .torn:
        try FileManager.default.removeItem(atPath: "\(bench.root)/versions/robot_001_v3/lora_adapters.npz")
      case .flipped: try bench.spoil()
      case .shared, .sharedFlipped:
        try share(bench, registry)
        if self == .sharedFlipped { try bench.spoil() }
      case .separated:
        try bench.separate()
        try bench.spoil()
      case .damaged, .mended:
        try bench.spoil()
        _ = try registry.verify(full: true)
        if self == .mended { try bench.spoil() }
      }
      if self == .indexless || self == .garbage { try bench.hideIndex() }
      if [.lost, .lostToGarbage, .backedUpAndLost].contains(self) { bench.removeIndex() }
      if self == .garbage || self == .lostToGarbage {
        try Data("not a database".utf8).write(to: URL(filePath: "\(bench.root)/registry.db"))
      }
    }
  }
#endif
