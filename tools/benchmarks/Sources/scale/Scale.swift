import Foundation
import ModelRegistry

/// Measures one size: `scale --versions N --folder DIR`; prints one JSON object of medians in seconds and rates per
/// second. The index is made up, what is shown and walked is real.
@main struct Scale {
  let versions: Int
  let root: String
  let folder: String

  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    func value(_ name: String) -> String? {
      guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
      defer { arguments.removeSubrange(at...at + 1) }
      return arguments[at + 1]
    }
    guard let versions = value("--versions").flatMap({ Int($0) }), let folder = value("--folder"),
      versions >= 10_000
    else {
      FileHandle.standardError.write(Data("usage: scale --versions N (at least 10000) --folder DIR\n".utf8))
      exit(64)
    }
    let scale = Scale(versions: versions, root: "\(folder)/store-\(versions)", folder: folder)
    let rows = try scale.run()
    let data = try JSONSerialization.data(withJSONObject: rows, options: [.sortedKeys])
    print(String(decoding: data, as: UTF8.self))
  }

  private func run() throws -> [String: Double] {
    do { _ = try Registry.create(root) }
    try MadeUpIndex(versions: versions).fill(root)
    let registry = try Registry.open(root)
    var rows: [String: Double] = [:]
    rows["publish_per_second"] = try publishRate(registry)
    let deepest = try chain(registry, length: 101)
    try registry.activate([.version(deepest)])
    var random = SystemRandomNumberGenerator()
    func anyVersion() throws -> VersionID {
      try VersionID(
        adapter: AdapterName(
          parsing: "made_" + String(format: "%04d", Int.random(in: 0..<MadeUpIndex.adapters, using: &random))),
        number: Int.random(in: 1...max(1, versions / MadeUpIndex.adapters), using: &random))
    }
    rows["list"] = try median { _ = try registry.versions(after: anyVersion(), limit: 100) }
    rows["show"] = try median {
      let number = Int.random(in: 1...deepest.number, using: &random)
      _ = try registry.show(.version(VersionID(adapter: deepest.adapter, number: number)))
    }
    rows["active"] = try median { _ = try ActiveState.read(root) }
    rows["lineage"] = try median {
      let graph = try registry.lineage(of: deepest.description, LineageScope(down: false))
      guard graph.nodes.count >= 100 else { throw Wrong(what: "lineage found \(graph.nodes.count) nodes") }
    }
    rows["impact"] = try median {
      let archive = MadeUpIndex.archive(Int.random(in: 0..<versions / 100, using: &random))
      let page = try registry.impact(of: archive, limit: 100)
      guard page.versions.count == 100 else { throw Wrong(what: "impact found \(page.versions.count)") }
    }
    rows["impact_episode"] = try median {
      let name = "episode_\(Int.random(in: 0..<versions / 100, using: &random))_3"
      guard try !registry.impact(of: name, limit: 100).versions.isEmpty else {
        throw Wrong(what: "impact of \(name) found nothing")
      }
    }
    rows["status"] = try median { _ = try registry.status() }
    return rows
  }

  struct Wrong: Error { let what: String }

  /// Small versions, one by one, each durable before the next.
  private func publishRate(_ registry: Registry) throws -> Double {
    let count = 500
    let adapter = try AdapterName(parsing: "small")
    let files = try (0..<count).map { try file("small-\($0)") }
    let clock = ContinuousClock()
    let duration = try clock.measure {
      for file in files { try registry.publish(PublishRequest(adapter: adapter, paths: [file])) }
    }
    return Double(count) / (duration / .seconds(1))
  }

  /// Real versions, each the base of the next; the last one's name.
  private func chain(_ registry: Registry, length: Int) throws -> VersionID {
    let adapter = try AdapterName(parsing: "deep")
    var last: VersionID?
    for number in 1...length {
      let request = PublishRequest(
        adapter: adapter, paths: [try file("deep-\(number)")], base: last.map { .version($0) },
        job: Manifest.JobReference(id: "job_deep_\(number)"))
      last = try registry.publish(request).version
    }
    guard let last else { throw Wrong(what: "no chain") }
    return last
  }

  private func file(_ name: String) throws -> String {
    let path = "\(folder)/\(name).bin"
    try Data((0..<1024).map { _ in UInt8.random(in: .min ... .max) }).write(to: URL(filePath: path))
    return path
  }

  private func median(rounds: Int = 51, _ body: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    let times = try (0..<rounds).map { _ in try clock.measure { try body() } / .seconds(1) }
    return times.sorted()[rounds / 2]
  }
}
