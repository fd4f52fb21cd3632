import ModelRegistry
import RegistryModel
import Testing

@testable import modelctl

/// The reader of config.yaml, and the schema that editors have of it, know the same keys, values and defaults.
@Suite struct `The configuration's schema` {
  @Test func `its valid examples are read, and have every key`() throws {
    let schema = try ConfigurationSchema()
    var seen: Set<String> = []
    for example in try ConfigurationSchema.examples() {
      _ = try configuration(example.text)
      seen.formUnion(try schema.keys(of: JSONValue(parsing: Array(example.text.utf8))))
    }
    let keys = try schema.keys()
    #expect(seen == keys, "\(keys.symmetricDifference(seen).sorted())")
    #expect(keys.count > 70)
  }

  @Test func `its invalid examples are refused with the place and a next step`() throws {
    let examples = try ConfigurationSchema.examples("invalid")
    #expect(examples.count > 60)
    for example in examples {
      let error = try #require(refusal(of: example.text))
      #expect(error.code == .usage && !error.hint.isEmpty, "\(example.name)")
      // What YAML itself forbids has a line instead.
      #expect(
        error.message.hasPrefix("config.yaml: config") || error.message.contains(": line ")
          || error.message.contains("YAML: line "),
        "\(example.name): \(error.message)")
    }
  }

  @Test func `the reader knows the keys of each section, and no others`() throws {
    let schema = try ConfigurationSchema()
    for example in try ConfigurationSchema.examples() {
      let document = try JSONValue(parsing: Array(example.text.utf8))
      for section in try schema.sections(of: document) {
        let changed = try document.setting("zzzzzzzzzzzz", at: section.path, to: 1)
        let error = try #require(refusal(of: changed.canonicalText))
        #expect(
          error.message == "config.yaml: \(section.name) has the unknown field \"zzzzzzzzzzzz\"",
          "\(example.name): \(error.message)")
        let known = error.hint.replacing("the known fields are ", with: "").split(separator: ", ").map(
          String.init)
        #expect(Set(known) == Set(section.properties.keys), "\(section.name)")
      }
    }
  }

  @Test func `no key takes null or a list of lists`() throws {
    let schema = try ConfigurationSchema()
    let document = try ConfigurationSchema.json("schemas/examples/config.v1/full.json")
    for section in try schema.sections(of: document) {
      for key in try #require(document.at(section.path)?.asObject?.keys) {
        for value: JSONValue in [nil, [[]]] {
          let error = refusal(of: try document.setting(key, at: section.path, to: value).canonicalText)
          #expect(
            error?.message.hasPrefix("config.yaml: \(section.name).\(key)") == true, "\(section.name).\(key)")
        }
      }
    }
  }

  @Test func `a default is what holds without the key`() throws {
    let schema = try ConfigurationSchema()
    let document = try ConfigurationSchema.json("schemas/examples/config.v1/full.json")
    var defaults = 0
    for section in try schema.sections(of: document) {
      for (key, property) in section.properties {
        guard let standard = property["default"] else { continue }
        let stated = try configuration(document.setting(key, at: section.path, to: standard).canonicalText)
        let silent = try configuration(document.setting(key, at: section.path, to: nil).canonicalText)
        #expect(stated.configuration == silent.configuration, "\(section.name).\(key)")
        #expect(stated.service == silent.service, "\(section.name).\(key)")
        defaults += 1
      }
    }
    #expect(defaults > 25)
  }
}
