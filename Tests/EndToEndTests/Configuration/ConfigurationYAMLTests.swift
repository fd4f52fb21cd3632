import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@testable import modelctl

/// What YAML means in config.yaml, and that its errors show nothing of it.
@Suite struct `YAML in config.yaml` {
  private static let secret = "Bearer-made-up-9f2c1e7"

  @Test(arguments: [
    ("remote: {headers: {Authorization: 'SECRET}}", "line 1, column 60", "unexpected end of stream"),
    (
      "remote:\n  headers:\n    X: 1\n    Authorization:SECRET\nwait: 10s", "line 5, column 1",
      "could not find expected ':'"
    ),
    (
      "remote:\n  headers: {Authorization: SECRET\nwait: 1s", "line 3, column 5",
      "did not find expected ',' or '}'"
    ),
    ("remote:\n  headers: {Authorization: *SECRET}", "line 2, column 28", "found undefined alias"),
    (
      "remote:\n  headers: {Authorization: \"\\qSECRET\"}", "line 2, column 29",
      "found unknown escape character"
    ),
    ("remote:\n  headers: {A: SECRET, A: SECRET}", "line 2, column", "a key stands twice"),
    ("remote: {headers: {A: SECRET}}\nremote: {}\n", "line", "a key stands twice"),
    (
      "remote: {headers: {A: SECRET}}\nwait: \u{1}\n", "line 2, column 7",
      "control characters are not allowed"
    ),
    ("remote: {headers: {A: SECRET}}\n---\nwait: 10s\n", "line 2, column 1", "but found another document"),
    ("remote: {headers: {A: &SECRET SECRET}}", "line 1, column 23", "anchors"),
    ("remote: {headers: {A: !SECRET SECRET}}", "line 1, column 23", "tags"),
    ("remote: {headers: {{SECRET: 1}: 2}}", "line 1, column 20", "no plain text"),
  ]) func `an error says where and what, and shows nothing of the file`(
    text: String, place: String, problem: String
  ) throws {
    let error = try #require(refusal(of: text.replacing("SECRET", with: Self.secret)))
    #expect(error.code == .usage && error.message.hasPrefix("config.yaml: "))
    #expect(error.message.contains(place) && error.message.contains(problem), "\(error.message)")
    #expect(!"\(error.message)\(error.hint)".contains("9f2c1e7"))
  }

  @Test(arguments: [
    "remote: {headers: {Authorization:SECRET}}", "remote: {headers: {Authorization: [SECRET]}}",
    "remote: {headers: SECRET}", "remote: {headers: [SECRET]}", "remote: SECRET",
    "training: {worker: {environment: {API_KEY=SECRET}}}",
    "training: {worker: {environment: [API_KEY=SECRET]}}",
    "training: {worker: {environment: {API_KEY: {SECRET: 1}}}}", "training: {worker: {environment: SECRET}}",
  ]) func `a secret in the wrong place isn't shown either`(text: String) throws {
    let error = try #require(refusal(of: text.replacing("SECRET", with: Self.secret)))
    #expect(!"\(error.message)\(error.hint)".contains("9f2c1e7"), "\(error.message)")
  }

  @Test func `the program prints no secret of a file that is no YAML`() throws {
    let store = try CommandStore.ready()
    let text = "remote:\n  headers: {Authorization: \(Self.secret)\nwait: 1s\n"
    let path = try store.scratch.write("config.yaml", text)
    for arguments in [["list"], ["list", "--json"], ["doctor"], ["boot"]] {
      let outcome = try store.start(arguments + ["--config", path]).wait()
      #expect(!(outcome.out + outcome.err).contains(Self.secret), "\(arguments)")
      #expect((outcome.out + outcome.err).contains("line 3, column 5"), "\(arguments)")
    }
  }

  @Test func `plain scalars are those of YAML 1.2`() throws {
    let text = """
      training:
        config: {a: 10, b: -2.5, c: 1e-4, d: +.5, e: true, f: no, g: 1:30, h: 0x10, i: '7', j: 1_000, k: 007, l: [1, x],
          m: 2026-01-05, n: 9007199254740991, o: {p: FALSE}, q: -, r: ''}
      """
    #expect(
      try JSONValue.object(configuration(text).configuration.training.config) == [
        "a": 10, "b": -2.5, "c": 0.0001, "d": 0.5, "e": true, "f": "no", "g": "1:30", "h": "0x10", "i": "7",
        "j": "1_000", "k": 7, "l": [1, "x"], "m": "2026-01-05", "n": 9_007_199_254_740_991, "o": ["p": false],
        "q": "-", "r": "",
      ])
  }

  @Test(arguments: ["9007199254740992", "-9007199254740993", "12345678901234567890", "1e999", ".inf", ".nan"])
  func `a number that can't be kept is an error with its line`(number: String) throws {
    let error = try #require(refusal(of: "training:\n  config: {seed: \(number)}"))
    #expect(error.message.contains("line 2, column 18"), "\(error.message)")
  }

  @Test func `facts, headers and variables are texts as they stand`() throws {
    let text = """
      facts: {firmware: 1.10, part: 0012, ready: yes}
      remote: {headers: {X-Version: 1.10, X-Part: 0012}}
      training:
        config: {facts: {firmware: 1.10}}
        worker: {environment: {VERSION: 1.10, PART: 0012, DEBUG: true, EMPTY: }}
        vertex: {project: p, region: r, image: a/b@\(TrainingConfiguration.digest), environment: {VERSION: 1.10}}
      """
    let read = try configuration(text).configuration
    #expect(read.facts == ["firmware": "1.10", "part": "0012", "ready": "yes"])
    #expect(read.remote.headers.map(\.value) == ["0012", "1.10"])
    #expect(
      read.training.worker.environment == ["VERSION": "1.10", "PART": "0012", "DEBUG": "true", "EMPTY": ""])
    #expect(read.training.vertex?.environment == ["VERSION": "1.10"])
    #expect(read.training.config["facts"] == ["firmware": 1.1], "a trainer's own map is no fact")
  }
}
