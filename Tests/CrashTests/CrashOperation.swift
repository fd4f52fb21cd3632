#if DEBUG
  import Foundation
  import ModelRegistry
  import TestSupport

  /// One command, and the store that it is interrupted in.
  enum CrashOperation: String, CaseIterable, CustomStringConvertible {
    case create = "init"
    case migrate = "migrate"
    case publish = "publish new"
    case publishExisting = "publish existing"
    case publishUninstalled = "publish what was uninstalled"
    case publishOverFlipped = "publish over a bad blob"
    case publishOverDamaged = "publish over a blob known to be bad"
    case importFolder = "import folder"
    case importArchive = "import archive"
    case importGroup = "import group"
    case install = "install"
    case installTorn = "install over a torn tree"
    case activate = "activate on trial"
    case activateStamped = "activate on trial, stamps valid"
    case activateDuringTrial = "activate during a trial"
    case activateConfirmed = "activate confirmed at once"
    case activateForced = "activate a blocked version, confirmed"
    case activatePair = "activate two adapters"
    case activateBack = "activate a confirmed set again"
    case activateDamaged = "activate what turns out damaged"
    case deactivate = "deactivate"
    case deactivateLast = "deactivate the last adapter"
    case confirm = "confirm"
    case confirmForced = "confirm what had been blocked"
    case boot = "boot on trial"
    case bootConfirmed = "boot confirmed"
    case bootCrashed = "boot that reverts a crash"
    case bootDark = "boot that reverts a power cut"
    case fault = "health fault"
    case rollback = "rollback of a trial"
    case rollbackConfirmed = "rollback of a confirmed set"
    case rollbackBad = "rollback --bad"
    case rollbackTo = "rollback --to"
    case rollbackForward = "rollback --to a later generation"
    case rollbackStale = "rollback with a stale prepared link"
    case rollbackMissing = "rollback without a prepared link"
    case rollbackIndexless = "rollback without index"
    case rollbackGarbage = "rollback with a garbage index"
    case uninstall = "uninstall"
    case collect = "gc"
    case collectOld = "gc --keep"
    case pin = "pin"
    case unpin = "unpin"
    case republish = "publish --from"
    case channelSet = "channel set"
    case channelMove = "channel set again"
    case evaluate = "evaluate"
    case evaluateAgain = "evaluate again"
    case rebuildLost = "rebuild a lost index"
    case rebuildGarbage = "rebuild a garbage index"
    case rebuild = "rebuild an index that is there"
    case backup = "backup"
    case restore = "restore"
    case restoreLost = "restore a lost index"
    case remoteSet = "remote set"
    case push = "push"
    case sync = "sync"
    case fetch = "install from the remote"
    case channelShared = "channel set on a remote"
    case verifyFetch = "verify --repair from the remote"
    case bundleInstall = "bundle install"
    case bundleCreate = "bundle create"
    case verifyDamage = "verify that records damage"
    case verifyRepair = "verify --repair"
    case verifyMended = "verify that clears damage"
    case tokenCreateFirst = "token create, the first one"
    case tokenCreate = "token create"
    case tokenRevoke = "token revoke"
    case scrub = "scrub that records damage"
    case scrubMended = "scrub that clears damage"

    var description: String { rawValue }

    var speaksToRemote: Bool {
      switch self {
      case .remoteSet, .push, .sync, .fetch, .channelShared, .verifyFetch: true
      default: false
      }
    }

    var preparation: Preparation {
      switch self {
      case .create: .nothing
      case .migrate: .schemaless
      case .publish, .publishExisting, .importFolder, .importArchive, .importGroup, .activate,
        .activateStamped, .activateConfirmed, .activatePair,
        .deactivateLast, .bootConfirmed, .uninstall, .pin, .republish, .channelSet, .evaluate,
        .tokenCreateFirst:
        .plain
      case .activateDuringTrial, .confirm, .boot, .fault, .rollback, .rollbackBad, .rollbackStale,
        .rollbackMissing:
        .trial
      case .remoteSet, .push, .sync, .fetch, .channelShared, .bundleInstall, .bundleCreate: .shared
      case .verifyFetch: .sharedFlipped
      case .publishUninstalled, .install, .collect: .uninstalled
      case .publishOverFlipped, .verifyDamage, .scrub, .activateDamaged: .flipped
      case .publishOverDamaged: .damaged
      case .verifyMended, .scrubMended: .mended
      case .verifyRepair: .separated
      case .installTorn: .torn
      case .activateBack, .rollbackConfirmed: .chain
      case .deactivate: .pair
      case .confirmForced: .forced
      case .activateForced: .blocked
      case .bootCrashed: .crashed
      case .bootDark: .dark
      case .rollbackTo, .collectOld: .long
      case .rollbackForward: .returned
      case .rollbackIndexless: .indexless
      case .rollbackGarbage: .garbage
      case .unpin: .pinned
      case .tokenCreate, .tokenRevoke: .trusted
      case .channelMove, .evaluateAgain, .rebuild, .backup: .marked
      case .rebuildLost: .lost
      case .rebuildGarbage: .lostToGarbage
      case .restore: .backedUp
      case .restoreLost: .backedUpAndLost
      }
    }

    /// What the preparation or the operation leaves spoilt, and is no fault of the store.
    func invariants(_ bench: Bench, done: Bool) -> StoreInvariants {
      let repairs: Set<CrashOperation> = [
        .publishOverFlipped, .publishOverDamaged, .verifyRepair, .verifyFetch, .installTorn,
      ]
      let isRepair = repairs.contains(self)
      if isRepair, done { return StoreInvariants(bench.root) }
      switch preparation {
      case .flipped, .damaged, .separated, .sharedFlipped:
        return StoreInvariants(bench.root, spoilt: [Bench.spoilt])
      case .torn: return StoreInvariants(bench.root, torn: ["robot_001_v3"])
      default: return StoreInvariants(bench.root)
      }
    }

    /// What the command says when it succeeds.
    struct Answer {
      var warnings: [String] = []
      /// What `boot` says is to be loaded.
      var path: String?
    }

    /// Runs the operation as the command does, opening the store included.
    func run(_ bench: Bench) throws -> Answer {
      if self == .create || self == .migrate {
        _ = try Registry.create(bench.root, bench.options())
        return Answer()
      }
      if let answer = try runRebuild(bench) { return answer }
      if let result = try runBoot(bench) { return Answer(warnings: result.warnings, path: result.path) }
      let registry = try bench.open(acceptsLostIndex: isRollback)
      if let result = try runSwitch(bench, registry) { return Answer(warnings: result.warnings) }
      if try runRemote(bench, registry) { return Answer() }
      try runContent(bench, registry)
      return Answer()
    }

    private func runRemote(_ bench: Bench, _ registry: Registry) throws -> Bool {
      switch self {
      case .bundleInstall:
        _ = try registry.installBundle(at: bench.bundle)
        return true
      case .bundleCreate:
        try? FileManager.default.removeItem(atPath: "\(bench.base)/new.tar")
        _ = try registry.createBundle(
          [Reference(parsing: "robot_001_v1"), Reference(parsing: "robot_002_v1")],
          at: "\(bench.base)/new.tar")
        return true
      default: guard speaksToRemote else { return false }
      }
      // The remote is beside the store, and so another one in each copy.
      try registry.setRemote(bench.remote)
      switch self {
      case .push: _ = try registry.push(Reference(parsing: "robot_001_v2"), plain: true)
      case .sync:
        let result = try registry.sync()
        // What is told as a problem isn't promised.
        if let problem = result.problems.first {
          throw RegistryError(
            result.isOutOfSpace ? .noSpace : .failed, problem, unchanged: "other versions were brought",
            hint: "sync again")
        }
      case .fetch: _ = try registry.install(Reference(parsing: "robot_001@latest"), progress: nil)
      case .channelShared:
        try registry.setChannel(ChannelName(parsing: "stable"), to: Reference(parsing: "robot_001_v3"))
      case .verifyFetch: _ = try registry.verify(full: true, repair: true)
      default: break
      }
      return true
    }

    private func runRebuild(_ bench: Bench) throws -> Answer? {
      switch self {
      case .rebuild, .rebuildLost, .rebuildGarbage: _ = try Registry.rebuild(bench.root, bench.options())
      case .restore, .restoreLost:
        _ = try Registry.restore(bench.root, from: bench.backup, force: true, bench.options())
      case .backup: try Registry.openForReading(bench.root, bench.options()).backup(to: bench.backup)
      default: return nil
      }
      return Answer()
    }

    private var isRollback: Bool {
      switch self {
      case .rollback, .rollbackConfirmed, .rollbackBad, .rollbackTo, .rollbackForward, .rollbackStale,
        .rollbackMissing, .rollbackIndexless, .rollbackGarbage:
        true
      default: false
      }
    }

    private func runBoot(_ bench: Bench) throws -> BootResult? {
      switch self {
      case .boot, .bootConfirmed, .bootCrashed: break
      case .bootDark: for _ in 0..<4 { bench.time.reboot() }
      default: return nil
      }
      return try Registry.boot(bench.root, bench.options())
    }

    private func runSwitch(_ bench: Bench, _ registry: Registry) throws -> SwitchResult? {
      let confirmed = ActivationOptions(confirmed: true)
      switch self {
      case .activate, .activateStamped: return try registry.activate("robot_001_v2")
      case .activateDuringTrial: return try registry.activate("robot_001_v3")
      case .activateConfirmed: return try registry.activate("robot_001_v2", confirmed)
      case .activateForced:
        return try registry.activate("robot_001_v2", ActivationOptions(confirmed: true, force: true))
      case .activatePair: return try registry.activate(bench.pair)
      case .activateBack: return try registry.activate("robot_001_v1")
      case .activateDamaged: return try registry.activate("robot_001_v3")
      case .deactivate: return try registry.deactivate(AdapterName(parsing: "robot_002"))
      case .deactivateLast: return try registry.deactivate(AdapterName(parsing: "robot_001"))
      case .confirm, .confirmForced: return try registry.confirm()
      case .fault: return try registry.health(.fault("gripper oscillates"), rollback: false)
      case .rollback, .rollbackConfirmed, .rollbackIndexless, .rollbackGarbage: return try registry.rollback()
      case .rollbackBad: return try registry.rollback(bad: true)
      case .rollbackTo: return try registry.rollback(to: 1)
      case .rollbackForward: return try registry.rollback(to: 4)
      case .rollbackStale:
        try bench.misleadWayBack(to: "generations/99")
        return try registry.rollback()
      case .rollbackMissing:
        try bench.misleadWayBack(to: nil)
        return try registry.rollback()
      default: return nil
      }
    }

    private func runContent(_ bench: Bench, _ registry: Registry) throws {
      let third = try Reference(parsing: "robot_001_v3")
      switch self {
      case .publish: try bench.publish("four", in: registry)
      case .publishExisting: try bench.publish("one", in: registry)
      case .publishUninstalled, .publishOverFlipped, .publishOverDamaged:
        try bench.publish("three", in: registry)
      case .importFolder: try bench.importModel("model", in: registry)
      case .importArchive: try bench.importModel("model.tar", in: registry)
      case .importGroup: try bench.importModel("plan", in: registry)
      case .install, .installTorn: _ = try registry.install(third)
      case .uninstall: _ = try registry.uninstall(third)
      case .collect: _ = try registry.collect()
      case .collectOld: _ = try registry.collect(CollectionPolicy(keep: 3))
      case .pin: try registry.pin(third)
      case .unpin: try registry.unpin(Reference(parsing: "robot_001_v2"))
      case .republish: try registry.republish(third)
      case .channelSet, .channelMove:
        try registry.setChannel(ChannelName(parsing: "stable"), to: third, reason: "night run")
      case .evaluate: try registry.evaluate(third, result: "\(bench.base)/evaluation.json")
      case .evaluateAgain: try registry.evaluate(third, result: "\(bench.base)/evaluation.json", by: "rig 2")
      case .verifyRepair: _ = try registry.verify(full: true, repair: true)
      case .verifyDamage, .verifyMended: _ = try registry.verify(full: true)
      case .tokenCreateFirst, .tokenCreate:
        _ = try registry.createToken(TokenName(parsing: "night-shift"), scopes: [.operate])
      case .tokenRevoke: try registry.revokeToken(TokenName(parsing: "fleet"))
      case .scrub, .scrubMended: _ = try registry.scrub(ScrubBudget(bytesPerSecond: nil))
      default: preconditionFailure("\(self) does nothing")
      }
    }

    /// Opens the store again after whatever happened, as the next command would.
    func reopen(_ bench: Bench) throws {
      try bench.restoreIndex()
      if self == .create || self == .migrate {
        _ = try Registry.create(bench.root, bench.options())
      } else if [.rebuildLost, .rebuildGarbage, .restoreLost].contains(self) {
        // A rebuild that was interrupted is run again.
        do { _ = try bench.open() } catch { _ = try runRebuild(bench) }
      } else {
        _ = try bench.open()
      }
    }

    /// States besides the old and the new one that docs/format.md allows in between.
    func allowsBetween(_ state: StoreState, old: StoreState, new: StoreState) -> Bool {
      var between = old
      switch self {
      case .fault, .rollbackBad, .bootCrashed: between.blocked = new.blocked  // R2
      case .confirmForced, .activateForced:
        between = new
        between.blocked = old.blocked  // C3
      case .publishOverFlipped, .verifyRepair, .verifyFetch:
        // W2: noted as damaged, and not repaired yet.
        between.versions = old.versions.map { $0.hasPrefix("robot_001_v3") ? "\($0) damaged" : $0 }
      default: return false
      }
      return state == between
    }

    /// States that a success may leave when its warnings, or the path that it answers, say so.
    func allowsWarned(_ state: StoreState, old: StoreState, new: StoreState) -> Bool {
      var warned = new
      switch self {
      case .fault, .rollbackBad, .bootCrashed, .activateForced: warned.blocked = old.blocked  // I15
      case .boot: return state.running == ["robot_001_v1"] || state == old  // B: not recorded
      default: break
      }
      return state == warned || preparation.isTrial && isBoot && state.active == old.active
    }

    var isBoot: Bool { [.boot, .bootConfirmed, .bootCrashed, .bootDark].contains(self) }

    /// What runs after a rollback from the trial that this operation begins or meets.
    var fallback: [String] {
      preparation == .pair ? ["robot_001_v2", "robot_002_v1"] : ["robot_001_v1"]
    }
  }
#endif
