import Foundation
import ModelRegistry
import RegistryModel
import Testing

@testable import modelctl

@Suite struct `The example of cloud training` {
  private static let path = "tools/examples/cloud_training.yaml"

  /// The file as it is, and with each of the other two ways to write a machine.
  private func variants() throws -> [String] {
    let text = try ConfigurationSchema.text(Self.path)
    let lines = text.components(separatedBy: "\n")
    let machine = ["machine_type:", "accelerator_type:", "accelerator_count:"]
    let other = lines.filter { line in !machine.contains { line.hasPrefix("    \($0)") } }
    let ways = [["machine_type:", "tpu_topology:"], ["machine_spec:"]]
    return [text]
      + ways.map { way in
        other.map { line in
          way.contains { line.hasPrefix("    # \($0)") } ? line.replacing("    # ", with: "    ") : line
        }.joined(separator: "\n")
      }
  }

  @Test func `it is read, and has every key of the section`() throws {
    let schema = try ConfigurationSchema()
    var seen: Set<String> = []
    for text in try variants() {
      let training = try configuration(text).configuration.training
      #expect(training.vertex != nil)
      let document = try #require(try JSONValue(yaml: text, verbatim: []))
      seen.formUnion(try schema.keys(of: document))
    }
    let keys = try schema.keys().filter { $0.hasPrefix("config.training") }
    #expect(seen == keys, "\(keys.symmetricDifference(seen).sorted())")
  }

  @Test func `the schema accepts it, as an example of its own`() throws {
    let document = try JSONValue(yaml: ConfigurationSchema.text(Self.path), verbatim: [])
    #expect(try document == ConfigurationSchema.json("schemas/examples/config.v1/cloud-training.json"))
  }

  @Test func `what it doesn't call an example is the default`() throws {
    var training = try configuration(ConfigurationSchema.text(Self.path)).configuration.training
    var vertex = try #require(training.vertex)
    (vertex.acceleratorType, vertex.acceleratorCount, vertex.serviceAccount) = (nil, nil, nil)
    vertex.environment = [:]
    #expect(vertex == VertexPolicy(project: vertex.project, region: vertex.region, image: vertex.image))
    (training.worker.command, training.worker.environment) = ([], [:])
    (training.worker.codeVersion, training.worker.imageDigest) = (nil, nil)
    (training.decision.costPerWeek, training.decision.temperatureFile, training.decision.batteryFile) = (
      nil, nil, nil
    )
    (training.recordings, training.data, training.adapter, training.vertex) = (nil, nil, nil, nil)
    (training.jobs, training.backend, training.config) = (.index, .local, [:])
    #expect(training == TrainingPolicy())
  }

  @Test func `the program reads it`() throws {
    let store = try CommandStore.ready()
    try store.ctl("list", "--config", ConfigurationSchema.repository.appending(path: Self.path).path)
  }
}
