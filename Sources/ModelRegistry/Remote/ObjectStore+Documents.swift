import RegistryModel

extension ObjectStore {
  /// A small object's bytes.
  /// - Throws: `integrity` where it has more than `limit`.
  func document(_ info: ObjectInfo, limit: Int) throws -> [UInt8] {
    guard info.bytes <= Int64(limit) else {
      throw RegistryError(
        .integrity,
        "\(info.name.text) in \(uri) has \(ByteCount(bytes: info.bytes)), which no such document has",
        hint: "look at the object: somebody else may write there")
    }
    var bytes: [UInt8] = []
    try read(info, from: 0) { piece in
      guard bytes.count + piece.count <= limit else {
        throw RegistryError(
          .integrity, "\(uri) sends more of \(info.name.text) than it has", hint: "run the command again")
      }
      bytes += piece
    }
    return bytes
  }

  /// All pages of a listing, one after the other.
  /// - Throws: `remote` where a page names itself, or one before it, as the next: that would go on for ever.
  func pages(_ query: ObjectQuery, _ body: (ObjectPage) throws -> Void) throws {
    var seen: Set<String> = []
    var page: String?
    repeat {
      let listing = try list(query, page: page)
      try body(listing)
      page = listing.next
      if let page, !seen.insert(page).inserted {
        throw RegistryError(
          .remote, "the listing of \(uri) goes in a circle", hint: "check that the address is the store's")
      }
    } while page != nil
  }

  /// What is read of an object that is replaced from time to time, and the generation that said it; nil where there is none.
  ///
  /// Somebody may replace it between the look and the reading, which asks for that very generation: then it looks again.
  func current<Value>(
    _ name: RelativePath, _ read: (ObjectInfo) throws -> Value
  ) throws -> (value: Value, generation: Int64)? {
    var rest = 100
    while let info = try info(name) {
      do {
        return (try read(info), info.generation)
      } catch let error as RegistryError where error.code == .notFound && rest > 0 {
        rest -= 1
      }
    }
    return nil
  }
}
