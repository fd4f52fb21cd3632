import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Publish: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Make a version of files; it is installed when this returns.",
    discussion:
      "A folder contributes its contents, a file its name. The same content again gives the same version.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The adapter, robot_001; not with --from.") var adapter: String?
  @Argument(help: "Files and folders.") var paths: [String] = []
  @Option(help: "Give the content of this version a new number; no bytes are copied.") var from: String?
  @Option(help: "The number to take; one more than the highest if left out.") var version: Int?
  @Option(help: "The version that training started from.") var base: String?
  @Option(help: "The training job's id.") var job: String?
  @Option(parsing: .singleValue, help: "An episode archive: digest, file, or its manifest. Repeatable.")
  var archive: [String] = []
  @Option(parsing: .singleValue, help: "A metric, final_loss=0.02. Repeatable.") var metric: [String] = []
  @Option(help: "jax, torch, …") var framework: String = "unknown"
  @Option(help: "What kind of model it is.") var modelType: String = "unknown"
  @Option(parsing: .singleValue, help: "What a robot must be: arch=arm64, firmware>=1.4. Repeatable.")
  var requires: [String] = []
  @Option(help: "When it was made, RFC 3339.") var createdAt: String?
  @Option(help: "A note that is kept in the manifest.") var note: String?
  @Option(help: "The channel that is to name the version.") var channel: String?

  func run() throws {
    let session = try Session(options)
    let channel = try channel.map { try ChannelName(parsing: $0) }
    let work = try from.map { try republishing($0) } ?? publishing()
    let registry = try session.openOrCreate()
    let bar = ProgressBar("publish", options)
    let clock = ContinuousClock()
    var outcome: PublishResult?
    let duration = try clock.measure { outcome = try work(registry, bar?.show) }
    bar?.finish()
    guard let result = outcome else { return }
    if let channel { try set(channel, to: result.version, in: registry) }
    session.answer(Document.published(result, seconds: duration / .seconds(1))) { text(result) }
    registry.tidy()
  }

  private typealias Work = (Registry, ProgressHandler?) throws -> PublishResult

  /// `--from` says everything; what else could be given belongs to the manifest of files.
  private func republishing(_ reference: String) throws -> Work {
    let isAlone =
      adapter == nil && paths.isEmpty && base == nil && job == nil && archive.isEmpty && metric.isEmpty
      && requires.isEmpty && createdAt == nil && note == nil && framework == "unknown"
      && modelType == "unknown"
    guard isAlone else {
      throw RegistryError(
        .usage, "--from goes with --version and --channel only", hint: "leave out adapter, paths and the rest"
      )
    }
    let reference = try Reference(parsing: reference)
    return { registry, _ in try registry.republish(reference, number: version) }
  }

  private func publishing() throws -> Work {
    guard let adapter, !paths.isEmpty else {
      throw RegistryError(
        .usage, "publish needs an adapter and files",
        hint: "write modelctl publish ADAPTER PATH…, or --from REF")
    }
    let request = try request(adapter)
    return { registry, progress in try registry.publish(request, progress: progress) }
  }

  private func set(_ channel: ChannelName, to version: VersionID, in registry: Registry) throws {
    do {
      try registry.setChannel(channel, to: .version(version))
    } catch {
      throw RegistryError(
        error.code, error.message, unchanged: "\(version) is published, and the channel is as it was",
        hint: error.hint)
    }
  }

  private func request(_ adapter: String) throws -> PublishRequest {
    var request = PublishRequest(adapter: try AdapterName(parsing: adapter), paths: paths, number: version)
    request.base = try base.map { try Reference(parsing: $0) }
    request.job = job.map {
      Manifest.JobReference(id: $0, configDigest: nil, imageDigest: nil, codeVersion: nil, seed: nil)
    }
    request.archives = archive
    request.metrics = try Self.metrics(metric)
    request.framework = framework
    request.modelType = modelType
    request.requires = try requires.map { try Requirement(parsing: $0) }
    request.createdAt = try createdAt.map { try Timestamp(parsing: $0) }
    request.note = note
    return request
  }

  private static func metrics(_ texts: [String]) throws -> [String: Double] {
    var metrics: [String: Double] = [:]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite, metrics[parts[0]] == nil else {
        throw RegistryError(.usage, "\(text.quoted) is no metric", hint: "write NAME=NUMBER, each name once")
      }
      metrics[parts[0]] = value
    }
    return metrics
  }

  private func text(_ result: PublishResult) -> String {
    options.quiet ? result.version.description : Sentence.published(result)
  }
}
