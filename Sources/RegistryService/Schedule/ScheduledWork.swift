package import ModelRegistry
import RegistryDocuments
import RegistryModel

/// What the schedule does, and on which conditions.
package struct ScheduledWork: Sendable {
  /// A scrub goes in parts, so that whoever needs the store for itself needn't wait for a whole pass.
  private static let scrubSeconds: Int64 = 60

  private let core: ServiceCore
  private let configuration: Configuration
  private let policy: SchedulePolicy

  package init(_ core: ServiceCore, _ configuration: Configuration, _ policy: SchedulePolicy) {
    self.core = core
    self.configuration = configuration
    self.policy = policy
  }

  package var all: [Schedule.Job] {
    [
      Schedule.Job("sync", every: policy.sync, sync), Schedule.Job("gc", every: policy.collect, collect),
      Schedule.Job("scrub", every: policy.scrub, unless: { [self] in try isPassRecent() }, scrub),
      Schedule.Job("training", every: policy.training, train),
    ]
  }

  private var sync: Operations.Work {
    { [core] progress in
      guard try core.store.reading({ try $0.remote() }) != nil else { return ["skipped": "no remote is set"] }
      return try core.store.changing(as: Schedule.caller) { registry in
        let result = try registry.sync(progress: { try progress($0, $1) })
        guard !result.isOutOfSpace else {
          throw RegistryError(
            .noSpace, result.problems.joined(separator: "; "), unchanged: "what fitted was brought",
            hint: "run `modelctl gc`, or free some space")
        }
        return Document.synced(result)
      }
    }
  }

  private var collect: Operations.Work {
    { [core] _ in
      try core.store.changing(as: Schedule.caller) { Document.collected(try $0.collect(), dryRun: false) }
    }
  }

  private var scrub: Operations.Work {
    { [core, policy] progress in
      var result: ScrubResult
      repeat {
        try progress.check()
        result = try core.store.changing(as: Schedule.caller) { registry in
          try registry.scrub(
            ScrubBudget(
              bytesPerSecond: policy.scrubBytesPerSecond,
              bytes: policy.scrubBytesPerSecond * Self.scrubSeconds), progress: { try progress($0, $1) })
        }
        for damage in result.damaged { core.events.send("damage", Document.damage(damage)) }
      } while !result.isFinished
      return Document.scrubbed(result)
    }
  }

  /// A service that is started every day doesn't read everything every day. A pass that was interrupted goes on.
  private func isPassRecent() throws -> Bool {
    let state = try core.store.reading { try $0.scrubState() }
    guard let interval = policy.scrub, state.startedAt == nil, let finished = state.finishedAt else {
      return false
    }
    return 0..<(interval / 2) ~= core.now.milliseconds - finished.milliseconds
  }

  /// Automation decides by itself what of it is on; what was submitted is looked after in any case.
  private var train: Operations.Work {
    { [core, configuration] _ in
      let training = configuration.training
      guard training.isAutomatic || training.installsResults || training.adapter != nil else {
        return ["skipped": "training.adapter is not set"]
      }
      let document = try core.training.automate(as: Schedule.caller)
      core.switched()
      return document
    }
  }
}
