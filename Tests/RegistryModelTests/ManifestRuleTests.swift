import RegistryModel
import Testing

@Suite struct ManifestRuleTests {
  /// Changes a valid manifest, and hands back the message with which it is refused.
  private func refusedMessage(_ change: (inout Draft) throws -> Void) throws -> String? {
    var draft = Draft()
    _ = try draft.manifest()
    try change(&draft)
    do {
      _ = try draft.manifest()
      return nil
    } catch let error as RegistryError {
      #expect(error.code == .integrity)
      return error.message
    }
  }

  @Test(arguments: [
    (["b", "a"], "order of bytes"), (["a", "a"], "occurs twice"),
    (["README", "readme"], "case or normalisation"),
    (["e\u{301}", "\u{e9}"], "case or normalisation"), (["A/X", "a/x"], "case or normalisation"),
    (["a", "a/b"], "needs a directory"), (["a", "a.b", "a/b/c"], "needs a directory"),
    (["A", "a/b"], "needs a directory"), (["a/b", "a/b/c/d"], "needs a directory"),
    (["B/c", "b"], "needs a directory"),
  ])
  func `files that cannot stand side by side are refused`(paths: [String], why: String) throws {
    let message = try refusedMessage { $0.files = try paths.map { try file($0) } }
    #expect(message?.contains(why) == true, "\(message ?? "accepted")")
  }

  @Test func `files that only resemble each other are accepted`() throws {
    let paths = ["a-b", "a.txt", "a/b", "a/b.c", "a/b.c.d", "a/bc/d", "ab"]
    #expect(try refusedMessage { $0.files = try paths.map { try file($0) } } == nil)
  }

  @Test func `a version has files`() throws {
    #expect(try refusedMessage { $0.files = [] }?.contains("0 elements") == true)
  }

  @Test func `sizes stay within what JSON carries`() throws {
    #expect(try refusedMessage { $0.files = [try file("a", bytes: 9_007_199_254_740_991)] } == nil)
    for bytes in [-1, 9_007_199_254_740_992, Int64.max, .min] {
      #expect(try refusedMessage { $0.files = [try file("a", bytes: bytes)] }?.contains("outside") == true)
    }
    let message = try refusedMessage {
      $0.files = [try file("a", bytes: 9_007_199_254_740_991), try file("b", bytes: 1)]
    }
    #expect(message?.contains("in all") == true)
  }

  @Test(arguments: [0, -1, 1_000_000_000]) func `numbers are those of versions`(number: Int) throws {
    #expect(try refusedMessage { $0.number = number }?.contains("manifest.number") == true)
  }

  @Test(arguments: ["", "a\nb", "a\u{1b}[2J", "\u{202e}", "\u{85}", String(repeating: "x", count: 129)])
  func `labels are short plain text`(text: String) throws {
    #expect(try refusedMessage { $0.modelType = text }?.contains("model_type") == true)
    #expect(try refusedMessage { $0.framework = text }?.contains("framework") == true)
    let manifest = try digest(1)
    #expect(
      try refusedMessage { $0.origin = .init(layout: text, manifest: manifest) }?.contains("origin.layout")
        == true)
    #expect(
      try refusedMessage { $0.origin = .init(layout: "x", manifest: manifest, version: text) }?
        .contains("origin.version") == true)
  }

  @Test func `a note may hold newlines and nothing worse`() throws {
    #expect(try refusedMessage { $0.note = "a\n\nb é 😀" } == nil)
    #expect(try refusedMessage { $0.note = String(repeating: "x", count: 4096) } == nil)
    for note in ["", "a\r\nb", "a\tb", "a\u{0}", String(repeating: "x", count: 4097)] {
      #expect(try refusedMessage { $0.note = note }?.contains("note") == true)
    }
  }

  @Test func `a job has a plain name and an exact seed`() throws {
    for id in ["", "a\nb", String(repeating: "x", count: 257)] {
      #expect(try refusedMessage { $0.job = .init(id: id) }?.contains("job.id") == true)
    }
    #expect(try refusedMessage { $0.job = .init(id: "j", codeVersion: "") }?.contains("code_version") == true)
    for seed in [9_007_199_254_740_992, -9_007_199_254_740_992] as [Int64] {
      #expect(try refusedMessage { $0.job = .init(id: "j", seed: seed) }?.contains("seed") == true)
    }
  }

  @Test func `a version is not its own base`() throws {
    let itself = Manifest.BaseReference(
      version: try VersionID(parsing: "robot_001_v4"), digest: try digest(1))
    #expect(try refusedMessage { $0.base = itself }?.contains("base") == true)
    let other = Manifest.BaseReference(version: try VersionID(parsing: "robot_002_v4"), digest: try digest(1))
    #expect(try refusedMessage { $0.base = other } == nil)
  }

  @Test func `archives are sorted and unique`() throws {
    let archives = try [digest(1), digest(2)].map { Manifest.ArchiveReference(digest: $0, manifest: nil) }
    #expect(try refusedMessage { $0.archives = archives } == nil)
    #expect(try refusedMessage { $0.archives = archives.reversed() }?.contains("order") == true)
    let twice = [archives[0], Manifest.ArchiveReference(digest: archives[0].digest, manifest: try digest(3))]
    #expect(try refusedMessage { $0.archives = twice }?.contains("twice") == true)
  }

  @Test func `metrics are finite and named plainly`() throws {
    #expect(try refusedMessage { $0.metrics = [String(repeating: "k", count: 128): 0] } == nil)
    for key in ["", "a b", "é", "a\n", "\u{212a}", String(repeating: "k", count: 129)] {
      #expect(try refusedMessage { $0.metrics = [key: 0] }?.contains("key") == true)
    }
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(try refusedMessage { $0.metrics = ["a": value] }?.contains("finite") == true)
    }
    let many = Dictionary(uniqueKeysWithValues: (0...10_000).map { ("k\($0)", 0.0) })
    #expect(try refusedMessage { $0.metrics = many }?.contains("10000") == true)
  }

  @Test func `requirements are few and not repeated`() throws {
    let requirement = try Requirement(parsing: "arch=arm64")
    #expect(try refusedMessage { $0.requires = [requirement, requirement] }?.contains("twice") == true)
    let many = try (0...64).map { try Requirement(parsing: "k\($0)=v") }
    #expect(try refusedMessage { $0.requires = many }?.contains("64") == true)
    #expect(try refusedMessage { $0.requires = many.dropLast() } == nil)
  }

  @Test func `the largest manifest that can be made can be read`() throws {
    let widest = try Manifest.File(
      path: RelativePath(parsing: "p"), digest: digest(0), bytes: 9_007_199_254_740_991)
    let fileBytes = try JSONValue(
      parsing: Draft(files: [widest]).manifest().json["files"]?.canonicalBytes ?? []
    ).canonicalBytes.count
    #expect(fileBytes - 2 - 1 + 1 <= 120)
    typealias Limits = Manifest.Limits
    let files = Limits.files * 120 + 2 * Limits.pathBytes
    let rest =
      Limits.archives * 170 + Limits.metrics * 160 + Limits.requires * 2 * 330 + 2 * Limits.noteBytes
      + 8 * Limits.labelBytes + 4 * Limits.jobTextBytes + 4096
    #expect(files + rest <= Limits.documentBytes)
    #expect(Manifest.jsonLimits.maximumBytes == Limits.documentBytes)
  }
}
