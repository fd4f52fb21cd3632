import ArgumentParser
import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Have a version trained from episodes, here or in the cloud.",
    subcommands: [
      TrainDecide.self, TrainTrigger.self, TrainStatus.self, TrainList.self, TrainWatch.self,
      TrainCancel.self,
      TrainInstall.self, TrainResume.self, TrainAuto.self,
    ])

  /// One job as lines for people.
  static func text(_ stored: StoredJob, quiet: Bool) -> String {
    let job = stored.job
    if quiet { return job.status.rawValue }
    var lines = ["\(job.id)  \(job.status.rawValue)\(job.adapter.map { ", for \($0)" } ?? "")"]
    func add(_ name: String, _ value: String?) {
      if let value { lines.append("\(name.padding(toLength: 10, withPad: " ", startingAt: 0))\(value)") }
    }
    add("created", "\(job.createdAt), changed \(job.updatedAt)")
    add("base", job.base.map { "\($0.version), \($0.digest.short)" })
    add("episodes", job.episodesURI.map { uri in uri + (job.episodesDigest.map { ", \($0.short)" } ?? "") })
    add("backend", job.backend.map { name in name.rawValue + (job.backendID.map { ", \($0)" } ?? "") })
    if job.status == .running { add("worker", job.worker.map { "\($0.id), attempt \($0.attempt)" }) }
    add("progress", job.progress.map(progress))
    add(
      "result",
      job.result?.version.map { version in
        "\(version)" + (job.result?.finalLoss.map { ", loss \(rounded($0))" } ?? "")
      })
    add("error", job.error)
    return lines.joined(separator: "\n")
  }

  static func progress(_ progress: TrainerProgress) -> String {
    var text = "step \(progress.step)" + (progress.totalSteps.map { " of \($0)" } ?? "")
    if let loss = progress.loss { text += ", loss \(rounded(loss))" }
    return text
  }

  /// Four digits that matter.
  static func rounded(_ value: Double) -> String { String(format: "%.4g", value) }

  static func version(_ result: TrainingInstallResult) -> JSONValue {
    [
      "job": .string(result.job.text), "version": .string(result.version.description),
      "digest": .string(result.digest.description), "fetched_bytes": .integer(result.fetchedBytes),
      "already_installed": .bool(result.wasInstalled),
      "generation": result.activation.map { .integer($0.generation) } ?? .null,
    ]
  }

  static func automation(_ result: AutomationResult) -> JSONValue {
    [
      "resumed": .array(result.resumed.map { .string($0.text) }),
      "installed": .array(result.installed.map(version)),
      "decision": result.decision.map { .string($0.verdict.rawValue) } ?? .null,
      "triggered": .orNull(result.triggered?.text),
      "problems": .array(result.problems.map(JSONValue.string)),
    ]
  }

  static func text(_ result: TrainingInstallResult) -> String {
    if result.wasInstalled { return "\(result.version) was installed for \(result.job) before" }
    let activation =
      result.activation.map { result in
        ", active\(result.state == .trial ? " on trial" : "") in generation \(result.generation)"
      } ?? ""
    return "installed \(result.version)\(activation)"
  }
}

struct TrainDecide: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Whether to train here, in the cloud, or not yet, with every reason.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The folder of recordings; training.recordings of the configuration if left out.")
  var folder: String?

  func run() throws {
    let training = try TrainingSession(options)
    let decision = try training.service.decide(recordings: folder)
    training.session.answer(decision.json) {
      if options.quiet { return decision.verdict.rawValue }
      var table = Table([("FOR", .left), ("RULE", .left), ("", .left), ("WHY", .left)])
      for reason in decision.reasons {
        table.add([reason.scope.rawValue, reason.rule, reason.holds ? "✓" : "✗", reason.text])
      }
      return "\(decision.verdict.rawValue)\n\(table.text())"
    }
  }
}

struct TrainTrigger: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "trigger", abstract: "Have the next version of an adapter trained.",
    discussion:
      "The base is pushed first, so that whoever trains finds it. The archive is the one that was sent last.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "Whose next version; training.adapter of the configuration if left out.") var adapter: String?
  @Option(help: "The version to start from, or none; what is active if left out.") var base: String?
  @Option(help: "The digest of an archive that was sent.") var archive: String?
  @Option(help: "local, vertex or event.") var backend: String?
  @Option(name: .customLong("set"), help: "What the trainer is told, KEY=VALUE; VALUE is JSON, or text.")
  var settings: [String] = []

  func run() throws {
    let training = try TrainingSession(options)
    let stored = try training.service.triggerTraining(request())
    training.session.answer(stored.job.json) {
      options.quiet
        ? stored.job.id.text
        : "\(stored.job.id) is \(stored.job.status.rawValue); `modelctl train watch \(stored.job.id)` follows it"
    }
    training.registry.tidy()
  }

  private func request() throws -> TrainingRequest {
    var request = TrainingRequest()
    request.adapter = try adapter.map { try AdapterName(parsing: $0) }
    request.base = try base.map { $0 == "none" ? .none : .version(try Reference(parsing: $0)) } ?? .active
    request.archive = try archive.map { try Digest(parsing: $0) }
    request.backend = try backend.map { try TrainingBackendName(parsing: $0) }
    for setting in settings {
      guard let (key, value) = setting.splitOnce(at: UInt8(ascii: "=")), !key.isEmpty else {
        throw RegistryError(.usage, "\(setting.quoted) is no KEY=VALUE", hint: "write --set epochs=100")
      }
      request.config[key] = (try? JSONValue(parsing: Array(value.utf8))) ?? .string(value)
    }
    return request
  }
}

struct TrainStatus: StoreCommand {
  static let configuration = CommandConfiguration(commandName: "status", abstract: "How far a job is.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The job.") var job: String

  func run() throws {
    let training = try TrainingSession(options)
    let stored = try training.service.jobStatus(JobID(parsing: job))
    training.session.answer(stored.job.json) { Train.text(stored, quiet: options.quiet) }
  }
}

struct TrainList: StoreCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Jobs, newest first.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Option(help: "Of one robot; of all if left out.") var robot: String?
  @Option(help: "pending, uploading, queued, running, completed, failed or cancelled.") var status: String?

  func run() throws {
    let training = try TrainingSession(options)
    let status = try status.map { text in
      guard let status = JobStatus(rawValue: text) else {
        throw RegistryError(
          .usage, "\(text.quoted) is no status",
          hint: "one of \(JobStatus.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return status
    }
    let result = try training.service.list(
      JobQuery(
        robot: robot.map { try RobotName(parsing: $0) }, status: status, limit: page.checkedLimit(),
        after: page.after))
    training.session.answer(
      ["jobs": .array(result.jobs.map(\.job.json)), "next": .orNull(result.next)], warnings: result.problems
    ) {
      if options.quiet { return result.jobs.map(\.job.id.text).joined(separator: "\n") }
      var table = Table([
        ("JOB", .left), ("STATUS", .left), ("ROBOT", .left), ("CREATED", .left), ("PROGRESS", .left),
        ("RESULT", .left),
      ])
      for job in result.jobs.map(\.job) {
        table.add([
          job.id.text, job.status.rawValue, job.robot.text, job.createdAt.description,
          job.progress.map(Train.progress) ?? "", job.result?.version?.description ?? "",
        ])
      }
      return result.jobs.isEmpty
        ? "no jobs" : table.text() + (result.next.map { "\nmore: --after \($0)" } ?? "")
    }
  }
}

struct TrainCancel: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "End a job; its worker stops with its next sign of life.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The job.") var job: String
  @Option(help: "Why; kept in the document.") var reason: String?

  func run() throws {
    let training = try TrainingSession(options)
    let stored = try training.service.cancel(JobID(parsing: job), reason: reason)
    training.session.answer(stored.job.json) {
      options.quiet ? stored.job.status.rawValue : "\(job) is cancelled"
    }
  }
}

struct TrainInstall: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Bring what a job made, verified; on trial where asked.",
    discussion:
      "A job is installed once. What is configured as auto_activate holds where neither flag is given.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The job.") var job: String
  @Flag(inversion: .prefixedNo, help: "Activate it on trial.") var activate: Bool?

  func run() throws {
    let training = try TrainingSession(options)
    let bar = ProgressBar("install", options)
    defer { bar?.finish() }
    let result = try training.service.downloadResult(
      JobID(parsing: job), activates: activate, progress: bar?.show)
    training.session.answer(Train.version(result)) {
      options.quiet ? result.version.description : Train.text(result)
    }
    training.registry.tidy()
  }
}

struct TrainResume: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Submit jobs again that no backend was reached for, or that nothing works on.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let training = try TrainingSession(options)
    let result = try training.service.resume()
    let resumed = result.resumed.map(\.text)
    training.session.answer(["resumed": .array(resumed.map(JSONValue.string))], warnings: result.problems) {
      if options.quiet { return resumed.joined(separator: "\n") }
      return resumed.isEmpty
        ? "nothing waits" : resumed.map { "submitted \($0) again" }.joined(separator: "\n")
    }
    if !result.problems.isEmpty { throw ExitStatus(code: 1) }
  }
}

struct TrainAuto: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "auto", abstract: "One round of what training.auto, auto_install and auto_activate ask for.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let training = try TrainingSession(options)
    let result = try training.service.automate()
    training.session.answer(
      Train.automation(result), warnings: result.problems
    ) {
      var lines = result.resumed.map { "submitted \($0) again" } + result.installed.map(Train.text)
      if let decision = result.decision { lines.append("decision: \(decision.verdict.rawValue)") }
      if let job = result.triggered { lines.append("triggered \(job)") }
      return lines.isEmpty ? "nothing to do" : lines.joined(separator: "\n")
    }
    training.registry.tidy()
    if !result.problems.isEmpty { throw ExitStatus(code: 1) }
  }
}
