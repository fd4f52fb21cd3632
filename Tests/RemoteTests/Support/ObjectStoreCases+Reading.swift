import Foundation
import RegistryModel
import Testing

extension ObjectStoreCase {
  static let reading: [ObjectStoreCase] = [
    ObjectStoreCase(name: "what isn't there is no error", needs: [.jsonErrors]) { store in
      let inner = try store.info(path("a/b"))
      let outer = try store.info(path("a"))
      #expect(inner == nil && outer == nil)
    },
    ObjectStoreCase(name: "what was written is read back, from any offset") { store in
      let info = try store.put("folder/inner/name.txt", "the quick brown fox").info
      #expect(info.name.text == "folder/inner/name.txt" && info.bytes == 19 && info.generation > 0)
      #expect(try store.info(info.name)?.generation == info.generation)
      #expect(try store.text(info) == "the quick brown fox")
      #expect(try store.text(info, from: 4) == "quick brown fox")
      #expect(try store.text(info, from: 18) == "x")
    },
    ObjectStoreCase(name: "an object without bytes is one") { store in
      let info = try store.put("empty", "").info
      #expect(info.bytes == 0)
      #expect(try store.text(info) == "")
    },
    ObjectStoreCase(name: "names with spaces, percent signs and letters of the world are names") { store in
      for name in ["a b/c+d", "100%/x%2Fy", "ü/日本.txt", "a&b=c?d#e", "~tilde'(x)*!"] {
        let info = try store.put(name, name).info
        #expect(try store.text(info) == name)
        #expect(try store.info(path(name))?.bytes == Int64(name.utf8.count))
      }
    },
    ObjectStoreCase(name: "the checksum is that of the bytes", needs: [.checksums]) { store in
      let info = try store.put("sum", "123456789").info
      #expect(info.crc32c == 0xE306_9283)
    },
    ObjectStoreCase(name: "a sink that throws ends the reading") { store in
      struct Enough: Error {}
      let source = PatternSource(bytes: 3 << 20)
      let info = try store.create(path("long"), source, metadata: [:]) { _ in }.info
      var pieces = 0
      #expect(throws: Enough.self) {
        try store.read(info, from: 0) { _ in
          pieces += 1
          throw Enough()
        }
      }
      #expect(pieces == 1)
    },
    ObjectStoreCase(name: "a generation that was replaced can't be read any more", needs: [.compareAndSwap]) {
      store in
      let old = try #require(try store.replace(path("doc"), with: Array("old".utf8), ifGeneration: 0))
      let new = try #require(
        try store.replace(path("doc"), with: Array("new".utf8), ifGeneration: old.generation))
      #expect(new.generation != old.generation)
      let error = #expect(throws: RegistryError.self) { _ = try store.text(old) }
      #expect(error?.code == .notFound)
      #expect(try store.text(new) == "new")
    },
  ]

  static let writing: [ObjectStoreCase] = [
    ObjectStoreCase(name: "what is there is never replaced by a creation", needs: [.createOnly]) { store in
      let first = try store.put("once", "first").info
      guard case .existed(let info) = try store.put("once", "second") else {
        Issue.record("it was created twice")
        return
      }
      #expect(info.generation == first.generation)
      #expect(try store.text(info) == "first")
    },
    ObjectStoreCase(
      name: "large objects are written and read whole, and never replaced", needs: [.createOnlyLarge]
    ) { store in
      let source = PatternSource(bytes: 20 << 20 + 17)
      var sent: Int64 = 0
      let info = try store.create(path("large/one"), source, metadata: ["sha256": "00"]) { sent += $0 }.info
      #expect(info.bytes == source.bytes && sent == source.bytes)
      if let crc32c = info.crc32c { #expect(crc32c == source.crc32c) }
      var offset: Int64 = 5 << 20 + 3
      var isRight = true
      try store.read(info, from: offset) { piece in
        for byte in piece {
          isRight = isRight && byte == PatternSource.byte(offset)
          offset += 1
        }
      }
      #expect(isRight && offset == source.bytes)
      guard
        case .existed = try store.create(
          path("large/one"), PatternSource(bytes: 9 << 20), metadata: [:], sent: { _ in })
      else {
        Issue.record("a large object was replaced")
        return
      }
    },
    ObjectStoreCase(name: "of many creations of one name at once, one wins", needs: [.createOnly]) { store in
      let outcomes = concurrent(8) { try store.put("race", "by \($0)") }
      let winners = try outcomes.map { try $0.get() }.filter { if case .created = $0 { true } else { false } }
      #expect(winners.count == 1)
    },
    ObjectStoreCase(
      name: "a copy has the bytes, and never replaces", needs: [.createOnly, .createOnlyCopies]
    ) {
      store in
      let source = try store.put("blobs/one", "bytes").info
      let copy = try store.copy(source, to: path("plain/one.bin")).info
      #expect(copy.name.text == "plain/one.bin")
      #expect(try store.text(copy) == "bytes")
      let other = try store.put("blobs/two", "others").info
      guard case .existed = try store.copy(other, to: path("plain/one.bin")) else {
        Issue.record("a copy replaced something")
        return
      }
      #expect(try store.text(copy) == "bytes")
    },
  ]

  static let replacing: [ObjectStoreCase] = [
    ObjectStoreCase(name: "bytes take the place of exactly one generation", needs: [.compareAndSwap]) {
      store in
      let name = path("channels/robot_001/stable.json")
      let first = try #require(try store.replace(name, with: [1], ifGeneration: 0))
      #expect(try store.replace(name, with: [2], ifGeneration: 0) == nil)
      let second = try #require(try store.replace(name, with: [3], ifGeneration: first.generation))
      #expect(try store.replace(name, with: [4], ifGeneration: first.generation) == nil)
      #expect(try store.info(name)?.generation == second.generation)
      var bytes: [UInt8] = []
      try store.read(second, from: 0) { bytes += $0 }
      #expect(bytes == [3])
    },
    ObjectStoreCase(name: "of many who replace one generation, one wins each time", needs: [.compareAndSwap])
    { store in
      let name = path("counter")
      _ = try store.replace(name, with: [0], ifGeneration: 0)
      // Each adds one, however often it is beaten.
      let outcomes = concurrent(4) { _ in
        for _ in 0..<5 {
          while true {
            let info = try #require(try store.info(name))
            var bytes: [UInt8] = []
            do {
              try store.read(info, from: 0) { bytes += $0 }
            } catch let error as RegistryError where error.code == .notFound {
              continue
            }
            if try store.replace(name, with: [bytes[0] + 1], ifGeneration: info.generation) != nil { break }
          }
        }
      }
      for outcome in outcomes { try outcome.get() }
      let info = try #require(try store.info(name))
      var bytes: [UInt8] = []
      try store.read(info, from: 0) { bytes += $0 }
      #expect(bytes == [20])
    },
    ObjectStoreCase(name: "only the generation that is named is removed", needs: [.removeByGeneration]) {
      store in
      let info = try store.put("gone", "x").info
      #expect(try !store.remove(info.name, ifGeneration: info.generation + 1))
      #expect(try store.remove(info.name, ifGeneration: info.generation))
      #expect(try !store.remove(info.name, ifGeneration: info.generation))
      #expect(try store.info(info.name) == nil)
    },
  ]

  static let listing: [ObjectStoreCase] = [
    ObjectStoreCase(name: "names come in the order of their bytes, by prefix") { store in
      for name in ["a/2", "a/10", "a/1", "b/1", "a-b", "a/B", "ab/1"] { _ = try store.put(name, name) }
      #expect(try store.all(ObjectQuery(prefix: "a/")).objects == ["a/1", "a/10", "a/2", "a/B"])
      #expect(try store.all(ObjectQuery(prefix: "a/1")).objects == ["a/1", "a/10"])
      #expect(try store.all(ObjectQuery(prefix: "none/")).objects == [])
      #expect(try store.all(ObjectQuery(prefix: "a")).objects.count == 6)
    },
    ObjectStoreCase(name: "folders are put together, and v4 is not v40", needs: [.folders]) { store in
      for name in ["adapters/x_v4/m", "adapters/x_v4/c", "adapters/x_v40/m", "adapters/readme"] {
        _ = try store.put(name, name)
      }
      let shallow = try store.all(ObjectQuery(prefix: "adapters/", isShallow: true))
      #expect(
        shallow.folders == ["adapters/x_v4/", "adapters/x_v40/"] && shallow.objects == ["adapters/readme"])
      #expect(
        try store.all(ObjectQuery(prefix: "adapters/x_v4/")).objects == [
          "adapters/x_v4/c", "adapters/x_v4/m",
        ])
      let some = try store.all(ObjectQuery(prefix: "adapters/x_v", isShallow: true))
      #expect(some.folders == ["adapters/x_v4/", "adapters/x_v40/"])
    },
    ObjectStoreCase(name: "a listing begins where it is told to", needs: [.startOffset]) { store in
      for name in ["j/2026-1", "j/2026-2", "j/2026-3"] { _ = try store.put(name, name) }
      #expect(
        try store.all(ObjectQuery(prefix: "j/", start: "j/2026-2")).objects == ["j/2026-2", "j/2026-3"])
      #expect(try store.all(ObjectQuery(prefix: "j/", start: "j/2026-21")).objects == ["j/2026-3"])
    },
    ObjectStoreCase(name: "pages have no more than was asked for, and all of it together", needs: [.pages]) {
      store in
      for number in 0..<7 { _ = try store.put("p/\(number)", "x") }
      let first = try store.list(ObjectQuery(prefix: "p/", pageSize: 3), page: nil)
      #expect(first.objects.count <= 3 && first.next != nil)
      #expect(try store.all(ObjectQuery(prefix: "p/", pageSize: 3)).objects.count == 7)
    },
    ObjectStoreCase(name: "objects and folders share a page", needs: [.pagesOfFolders]) { store in
      for number in 0..<7 { _ = try store.put("p/\(number)", "x") }
      for number in 0..<3 { _ = try store.put("p/f\(number)/x", "x") }
      let listing = try store.all(ObjectQuery(prefix: "p/", isShallow: true, pageSize: 4))
      #expect(listing.objects.count == 7 && listing.folders.count == 3 && listing.pages >= 3)
    },
  ]
}

/// Outcomes of the same thing done on as many threads at once.
func concurrent<Answer: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Answer
) -> [Result<Answer, any Error>] {
  let outcomes = Outcomes<Answer>(count)
  let threads = (0..<count).map { number in
    let thread = Thread { outcomes.set(number, Result { try body(number) }) }
    thread.start()
    return thread
  }
  _ = threads
  return outcomes.wait()
}
