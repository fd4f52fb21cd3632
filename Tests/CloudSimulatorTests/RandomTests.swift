import CloudSimulator
import RegistryModel
import Testing

/// Lists and uploads of chance, beside what plain code says they must come to.
@Suite struct RandomTests {
  /// xorshift64*, so that a failure can be had again.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return state &* 0x2545_f491_4f6c_dd1d
    }
  }

  private static func text(_ range: ClosedRange<Int>, _ random: inout Generator) -> String {
    String(
      (0..<Int.random(in: range, using: &random)).map { _ in "ab/é".randomElement(using: &random) ?? "a" })
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func `pages of a list come to the whole list`(seed: UInt64)
    throws
  {
    var random = Generator(state: seed)
    let caller = Caller()
    var names: Set<String> = []
    for _ in 0..<60 { names.insert(Self.text(1...6, &random)) }
    for name in names { try caller.upload([], as: name) }
    for _ in 0..<40 {
      let prefix = Self.text(0...2, &random)
      let delimiter = Bool.random(using: &random) ? "/" : ""
      let start = Self.text(0...2, &random)
      let end = Bool.random(using: &random) ? Self.text(1...2, &random) : ""
      let limit = Int.random(in: 1...9, using: &random)

      var items: [String] = []
      var prefixes: Set<String> = []
      for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        guard name.hasPrefix(prefix), !name.utf8.lexicographicallyPrecedes(start.utf8),
          end.isEmpty || name.utf8.lexicographicallyPrecedes(end.utf8)
        else { continue }
        if !delimiter.isEmpty, let slash = name.dropFirst(prefix.count).firstIndex(of: "/") {
          prefixes.insert(String(name[...slash]))
        } else {
          items.append(name)
        }
      }

      var foundItems: [String] = []
      var foundPrefixes: [String] = []
      var token: String?
      repeat {
        let query = [
          "prefix": prefix, "delimiter": delimiter, "startOffset": start, "endOffset": end,
          "maxResults": "\(limit)",
          "pageToken": token,
        ].compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0.utf8))" } }
          .filter { !$0.hasSuffix("=") }.joined(separator: "&")
        let page = try caller.call("GET", "\(Caller.objects)?\(query)").json
        let pageItems = (page["items"]?.asArray ?? []).compactMap { $0["name"]?.asString }
        let pagePrefixes = (page["prefixes"]?.asArray ?? []).compactMap(\.asString)
        #expect(pageItems.count + pagePrefixes.count <= limit)
        foundItems += pageItems
        foundPrefixes += pagePrefixes
        token = page["nextPageToken"]?.asString
      } while token != nil
      #expect(foundItems == items, "prefix \(prefix) start \(start) end \(end) limit \(limit)")
      #expect(foundPrefixes.count == prefixes.count)
      #expect(Set(foundPrefixes) == prefixes)
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func `an upload that breaks at will ends with its bytes`(
    seed: UInt64
  ) throws {
    var random = Generator(state: seed &* 77)
    let caller = Caller()
    let data = pattern(Int.random(in: 1...1_500_000, using: &random))
    let session = try caller.session("a")
    var stored = 0
    for _ in 0..<200 {
      let first = Int.random(in: 0...min(stored + 300_000, data.count - 1), using: &random)
      let isLast = Bool.random(using: &random)
      let end =
        isLast ? data.count : min(data.count, first + 262_144 * Int.random(in: 1...3, using: &random))
      let breaks = Int.random(in: 0..<3, using: &random) == 0
      let sent = breaks ? Int.random(in: first..<end, using: &random) : end
      let answer = try caller.put(
        session, "bytes \(first)-\(end - 1)/\(data.count)", Array(data[first..<sent]), breaks: breaks)
      if answer.status == 200 {
        #expect(!breaks && end == data.count)
        break
      }
      if first > stored { #expect(answer.status == 503) }
      let state = try caller.put(session, "bytes */*")
      let kept = state.headers["Range"].flatMap { Int($0.dropFirst("bytes=0-".count)) }.map { $0 + 1 } ?? 0
      #expect(kept >= stored)
      #expect(kept % 262_144 == 0)
      stored = kept
    }
    if caller.storage.object("a", in: "models") == nil {
      let rest = Array(data[stored...])
      #expect(try caller.put(session, "bytes \(stored)-\(data.count - 1)/\(data.count)", rest).status == 200)
    }
    #expect(try caller.storage.bytes(of: "a", in: "models") == data)
    #expect(caller.storage.object("a", in: "models")?.crc32c == CRC32C.of(data))
  }
}
