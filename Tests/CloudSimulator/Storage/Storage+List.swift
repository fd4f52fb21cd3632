import RegistryModel

/// Where a page of a list ended.
private struct PagePosition {
  /// The name or the prefix that was listed last.
  let last: [UInt8]
  let isPrefix: Bool
  /// Whether the page that this token gets has entries although pages may be empty.
  let skipsEmptyPage: Bool

  init(last: [UInt8], isPrefix: Bool, skipsEmptyPage: Bool) {
    self.last = last
    self.isPrefix = isPrefix
    self.skipsEmptyPage = skipsEmptyPage
  }

  init(token: String) throws(APIError) {
    guard let bytes = Base64.decodeURL(token), let flags = bytes.first, flags < 4 else {
      throw .invalidParameter("pageToken", "'\(token)'")
    }
    isPrefix = flags & 1 != 0
    skipsEmptyPage = flags & 2 != 0
    last = Array(bytes.dropFirst())
  }

  var token: String { Base64.encodeURL([(isPrefix ? 1 : 0) | (skipsEmptyPage ? 2 : 0)] + last) }
}

extension Storage {
  /// Names in UTF-8 order; items and prefixes together are at most `maxResults`; what is empty is left out.
  func list(_ bucketName: String, _ call: Call) throws(APIError) -> Reply {
    let bucket = try bucket(bucketName)
    let query = call.query
    for unsupported in ["matchGlob", "includeTrailingDelimiter"] {
      if let value = query[unsupported], value != "", value != "false" {
        throw .invalidParameter(unsupported, "the simulator doesn't have it")
      }
    }
    let limit = Int(min(1000, try query.integer("maxResults") ?? 1000))
    guard limit > 0 else { throw .invalidParameter("maxResults", "it must be positive") }
    let position = try query["pageToken"].map { token throws(APIError) in try PagePosition(token: token) }
    let mask = try Self.mask(
      query, known: ["kind", "items", "prefixes", "nextPageToken"], items: ObjectAttributes.allKeys)

    var page = ListPage(limit: min(limit, options.pageEntryLimit))
    if options.answersEmptyPages, position.map({ !$0.skipsEmptyPage }) ?? true {
      page.next =
        PagePosition(
          last: position?.last ?? [], isPrefix: position?.isPrefix ?? false, skipsEmptyPage: true
        ).token
    } else if query["softDeleted"] != "true" {
      page.fill(from: bucket, query, after: position, call.baseURL)
    }
    let value = page.answer
    return .json(200, mask?.apply(to: value) ?? value)
  }
}

/// The entries of one page while it is filled.
private struct ListPage {
  let limit: Int
  var items: [JSONValue] = []
  var prefixes: [JSONValue] = []
  var next: String?

  init(limit: Int) { self.limit = limit }

  var answer: JSONValue {
    var answer: [String: JSONValue] = ["kind": "storage#objects"]
    if !items.isEmpty { answer["items"] = .array(items) }
    if !prefixes.isEmpty { answer["prefixes"] = .array(prefixes) }
    if let next { answer["nextPageToken"] = .string(next) }
    return .object(answer)
  }

  mutating func fill(from bucket: Bucket, _ query: Query, after position: PagePosition?, _ baseURL: String) {
    let prefix = Array((query["prefix"] ?? "").utf8)
    let start = Array((query["startOffset"] ?? "").utf8)
    let end = (query["endOffset"] ?? "").isEmpty ? nil : Array((query["endOffset"] ?? "").utf8)
    let delimiter = Array((query["delimiter"] ?? "").utf8)
    let last = position?.last ?? []
    var skipped: [UInt8]? = position.flatMap { $0.isPrefix ? $0.last : nil }
    var lastEntry = PagePosition(last: last, isPrefix: position?.isPrefix ?? false, skipsEmptyPage: false)
    var index = bucket.firstIndex { name in
      !name.bytes.lexicographicallyPrecedes(prefix) && !name.bytes.lexicographicallyPrecedes(start)
        && (last.isEmpty || last.lexicographicallyPrecedes(name.bytes))
    }
    while index < bucket.names.count {
      let name = bucket.names[index]
      index += 1
      guard name.bytes.starts(with: prefix) else { return }
      if let end, !name.bytes.lexicographicallyPrecedes(end) { return }
      if let skipped, name.bytes.starts(with: skipped) { continue }
      if items.count + prefixes.count == limit {
        next = lastEntry.token
        return
      }
      if let group = Self.group(name.bytes, behind: prefix.count, delimiter) {
        prefixes.append(.string(String(decoding: group, as: UTF8.self)))
        skipped = group
        lastEntry = PagePosition(last: group, isPrefix: true, skipsEmptyPage: false)
      } else if let object = bucket[name] {
        items.append(object.resource(baseURL))
        lastEntry = PagePosition(last: name.bytes, isPrefix: false, skipsEmptyPage: false)
      }
    }
  }

  /// The name up to and with the first delimiter behind the prefix; nil where it has none.
  private static func group(_ name: [UInt8], behind start: Int, _ delimiter: [UInt8]) -> [UInt8]? {
    guard !delimiter.isEmpty, name.count >= start + delimiter.count else { return nil }
    for index in start...(name.count - delimiter.count) where name[index...].starts(with: delimiter) {
      return Array(name[..<(index + delimiter.count)])
    }
    return nil
  }
}
