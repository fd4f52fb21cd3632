import GoogleCloud
import RegistryModel
import Testing

@Suite struct FakeGCSTests {
  @Test func `objects go up and come back, small and large`() throws {
    guard let emulator = try FakeGCS.start() else { return }
    let client = try emulator.client()
    for (text, bytes) in [("empty", 0), ("a b/ü+%2F?#", 70_000), ("large", 20 << 20)] as [(String, Int64)] {
      let name = try path(text)
      let source = PatternSource(bytes: bytes)
      #expect(try client.info(name) == nil)
      var sent: Int64 = 0
      let creation = try client.create(name, source, metadata: ["sha256": "00ff"]) { sent += $0 }
      guard case .created(let info) = creation else { throw malformed(text) }
      #expect(sent == bytes)
      #expect(info.bytes == bytes && info.metadata == ["sha256": "00ff"])
      #expect(info.crc32c == CRC32C.of(source.all))
      #expect(try client.info(name)?.generation == info.generation)
      for offset in [0, bytes / 3] {
        var got: [UInt8] = []
        try client.read(info, from: offset) { got += $0 }
        #expect(got == Array(source.all[Int(offset)...]))
      }
      #expect(try client.create(name, DocumentSource([1]), metadata: [:]) { _ in } == .existed(info))
    }
  }

  @Test func `one of two writers replaces`() throws {
    guard let emulator = try FakeGCS.start() else { return }
    let client = try emulator.client()
    let name = try path("channels/robot_001/stable.json")
    let first = try #require(try client.replace(name, with: [1], ifGeneration: 0))
    #expect(try client.replace(name, with: [2], ifGeneration: 0) == nil)
    let second = try #require(try client.replace(name, with: [2], ifGeneration: first.generation))
    #expect(second.generation != first.generation)
    #expect(try client.replace(name, with: [3], ifGeneration: first.generation) == nil)
    #expect(failure { try client.read(first, from: 0) { _ in } }?.code == .notFound)
    var got: [UInt8] = []
    try client.read(second, from: 0) { got += $0 }
    #expect(got == [2])
    #expect(try client.remove(name, ifGeneration: second.generation))
    #expect(try !client.remove(name, ifGeneration: second.generation))
    #expect(try client.info(name) == nil)
  }

  @Test func `lists come in pages, and only below the prefix`() throws {
    guard let emulator = try FakeGCS.start() else { return }
    let client = try emulator.client()
    let names = ["a/robot_001_v4/x", "a/robot_001_v4/y", "a/robot_001_v40/x", "a/z", "b"]
    for name in names { _ = try client.create(path(name), DocumentSource([1]), metadata: [:]) { _ in } }
    _ = try emulator.client("gs://models/sharedelse").create(path("a/no"), DocumentSource([1]), metadata: [:])
    { _ in }
    func all(_ query: ObjectQuery) throws -> (objects: [String], folders: [String], pages: Int) {
      var (objects, folders, pages) = ([String](), [String](), 0)
      var next: String?
      repeat {
        let page = try client.list(query, page: next)
        objects += page.objects.map(\.name.text)
        folders += page.folders
        next = page.next
        pages += 1
      } while next != nil && pages < 20
      return (objects, folders, pages)
    }
    let everything = try all(ObjectQuery(prefix: "", pageSize: 2))
    #expect(everything.objects == names)
    #expect(everything.pages > 1)
    #expect(try all(ObjectQuery(prefix: "a/robot_001_v4/")).objects == Array(names[0..<2]))
    let shallow = try all(ObjectQuery(prefix: "a/", isShallow: true))
    #expect(shallow.objects == ["a/z"])
    #expect(shallow.folders == ["a/robot_001_v4/", "a/robot_001_v40/"])
    #expect(try all(ObjectQuery(prefix: "", start: "a/robot_001_v4/y")).objects == Array(names[1...]))
    #expect(try all(ObjectQuery(prefix: "none/")).objects.isEmpty)
  }

  @Test func `a copy is made by the store`() throws {
    guard let emulator = try FakeGCS.start() else { return }
    let client = try emulator.client()
    let info = try client.create(path("blobs/x"), PatternSource(bytes: 50_000), metadata: ["k": "v"]) { _ in }
      .info
    let copied = try client.copy(info, to: path("plain/weights.npz"))
    #expect(copied.info.bytes == 50_000 && copied.info.crc32c == info.crc32c)
    #expect(copied.info.name.text == "plain/weights.npz")
  }

  private func malformed(_ text: String) -> RegistryError { RegistryError(.failed, text, hint: "") }
}
