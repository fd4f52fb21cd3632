import ArgumentParser
import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel

struct TrainWatch: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a job to its end, with its loss.",
    discussion: """
      Asks for one small document at a time, every 5 seconds while something changes, and less and less often, up to a \
      minute, while nothing does; a job in this store's own index is looked at twice a second. With --json every \
      change is one document on a line. Exits 0 when the job is completed, 1 when it failed or was cancelled.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The job.") var job: String

  func run() throws {
    let training = try TrainingSession(options)
    let id = try JobID(parsing: job)
    var pace = Pace(isHere: training.service.jobs is IndexJobStore)
    let bar = LossBar(id, options)
    var last: StoredJob?
    while true {
      let stored = try training.service.jobStatus(id)
      let hasChanged = stored.revision != last?.revision
      if hasChanged { show(stored, last, bar, training.session) }
      if stored.job.status.isFinal {
        bar?.finish()
        if !options.json { training.session.answer(.null) { Train.text(stored, quiet: options.quiet) } }
        if stored.job.status != .completed { throw ExitStatus(code: 1) }
        return
      }
      last = stored
      Thread.sleep(forTimeInterval: pace.next(hasChanged: hasChanged))
    }
  }

  private func show(_ stored: StoredJob, _ last: StoredJob?, _ bar: LossBar?, _ session: Session) {
    if options.json {
      session.answer(stored.job.json) { "" }
    } else if let bar {
      bar.show(stored.job)
    } else if !options.quiet, stored.job.status != last?.job.status {
      session.answer(.null) { "\(stored.job.id) is \(stored.job.status.rawValue)" }
    }
  }

  /// How long to wait: 5 s after a change, half as long again each time without one, at most 60 s, and not all robots at
  /// once.
  struct Pace {
    private static let shortest = 5.0
    private static let longest = 60.0
    private let isHere: Bool
    private var seconds = shortest

    init(isHere: Bool) { self.isHere = isHere }

    mutating func next(hasChanged: Bool) -> Double {
      guard !isHere else { return 0.5 }
      seconds = hasChanged ? Self.shortest : min(Self.longest, seconds * 1.5)
      return max(Self.shortest, seconds * Double.random(in: 0.75...1.25)).clamped(to: Self.longest)
    }
  }
}

extension Double {
  fileprivate func clamped(to limit: Double) -> Double { min(self, limit) }
}

/// Steps, loss and time left of a job, on a terminal only.
final class LossBar {
  private let id: JobID
  private let start = ContinuousClock.now

  init?(_ id: JobID, _ options: GlobalOptions) {
    guard Terminal.isErrorATerminal, !options.quiet, !options.json else { return nil }
    self.id = id
  }

  func show(_ job: TrainingJob) {
    var text = "\(id) \(job.status.rawValue)"
    if let progress = job.progress {
      if let fraction = progress.fraction {
        let filled = Int(fraction * 24)
        text +=
          " \(String(repeating: "█", count: filled))\(String(repeating: "░", count: 24 - filled)) \(Int(fraction * 100)) %"
      }
      text += "  \(Train.progress(progress))"
    }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  func finish() { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
}
