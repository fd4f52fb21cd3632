import ArgumentParser
import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "The trainer's side: work on jobs.",
    subcommands: [WorkerRun.self, WorkerServe.self])
}

struct WorkerRun: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train one job: episodes and base in, a published version out.",
    discussion: """
      Claims the job, brings its archive and base verified, runs the configured trainer, publishes what it wrote with \
      its lineage, and completes the document. Told to stop (SIGTERM), it lets the trainer write down where it is, and \
      gives the job back. Exits 0 when the job is completed, 1 when it failed, 4 when somebody else has it, 75 while \
      another worker has it, 143 when it was given back.
      """)

  @OptionGroup var options: GlobalOptions
  @Option(help: "The job.") var job: String
  @Option(help: "Where versions are shared, for a store that has no remote yet.") var remote: String?

  func run() throws {
    let id = try JobID(parsing: job)
    let session = try Session(options)
    let registry = try session.openOrCreate()
    if let remote, try registry.remote() == nil { try registry.setRemote(RemoteURI(parsing: remote)) }
    StopSignal.listen()
    let worker = Worker(
      registry, session.settings,
      jobs: try TrainingSession.jobs(session.settings.configuration.training, registry),
      shouldStop: { StopSignal.came },
      report: { text in if !options.quiet { Terminal.printError(text.printable) } })
    let outcome = try worker.run(id)
    registry.tidy()
    session.answer(document(id, outcome)) { text(id, outcome) }
    switch outcome {
    case .completed: break
    case .failed: throw ExitStatus(code: 1)
    case .lost: throw ExitStatus(code: 4)
    case .gaveBack: throw ExitStatus(code: 143)
    }
  }

  private func document(_ id: JobID, _ outcome: Worker.Outcome) -> JSONValue {
    switch outcome {
    case .completed(let result): ["job_id": .string(id.text), "outcome": "completed", "result": result.json]
    case .failed(let message): ["job_id": .string(id.text), "outcome": "failed", "error": .string(message)]
    case .gaveBack: ["job_id": .string(id.text), "outcome": "gave_back"]
    case .lost(let status):
      ["job_id": .string(id.text), "outcome": "lost", "status": .string(status.rawValue)]
    }
  }

  private func text(_ id: JobID, _ outcome: Worker.Outcome) -> String {
    switch outcome {
    case .completed(let result): "\(id) made \(result.version.map { "\($0)" } ?? "nothing")"
    case .failed(let message): "\(id) failed: \(message)"
    case .gaveBack: "\(id) was given back"
    case .lost(let status): "\(id) is \(status.rawValue), and not this worker's"
    }
  }
}

/// Whether the program was told to stop.
enum StopSignal {
  private static let flag = Atomic<Bool>(false)
  static var came: Bool { flag.load(ordering: .relaxed) }

  static func listen() {
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in StopSignal.flag.store(true, ordering: .relaxed) }
    }
  }
}
