import CloudSimulator
import RegistryModel
import Testing

@Suite struct ListTests {
  private let caller = Caller()

  init() throws {
    for name in ["a/1", "a/2", "b", "c/1", "c/x/1", "d", "é", "z"] { try caller.upload([1], as: name) }
  }

  private func page(_ query: String, _ caller: Caller? = nil) throws -> (
    items: [String], prefixes: [String], next: String?
  ) {
    let answer = try (caller ?? self.caller).call("GET", "\(Caller.objects)?\(query)")
    try #require(answer.status == 200, "\(answer.text)")
    let json = try answer.json
    return (
      (json["items"]?.asArray ?? []).compactMap { $0["name"]?.asString },
      (json["prefixes"]?.asArray ?? []).compactMap(\.asString), json["nextPageToken"]?.asString
    )
  }

  @Test func `names come in the order of their bytes`() throws {
    #expect(try page("").items == ["a/1", "a/2", "b", "c/1", "c/x/1", "d", "z", "é"])
  }

  @Test func `an empty list has no items at all`() throws {
    let answer = try caller.call("GET", "\(Caller.objects)?prefix=none")
    #expect(try answer.json == ["kind": "storage#objects"])
  }

  @Test func `items and prefixes together fill a page`() throws {
    var token: String?
    var pages: [[String]] = []
    repeat {
      let page = try page("delimiter=/&maxResults=2" + (token.map { "&pageToken=\($0)" } ?? ""))
      #expect(page.items.count + page.prefixes.count <= 2)
      pages.append((page.items + page.prefixes).sorted())
      token = page.next
    } while token != nil
    #expect(pages == [["a/", "b"], ["c/", "d"], ["z", "é"]])
  }

  @Test func `a prefix, a delimiter and offsets select`() throws {
    let below = try page("prefix=c/&delimiter=/")
    #expect(below.items == ["c/1"])
    #expect(below.prefixes == ["c/x/"])
    #expect(try page("startOffset=b&endOffset=d").items == ["b", "c/1", "c/x/1"])
  }

  @Test func `a page may be empty and still have a token`() throws {
    var options = StorageOptions()
    options.answersEmptyPages = true
    let caller = Caller(options)
    for name in ["a", "b", "c"] { try caller.upload([1], as: name) }
    var token: String?
    var pages: [[String]] = []
    repeat {
      let page = try page("maxResults=2" + (token.map { "&pageToken=\($0)" } ?? ""), caller)
      pages.append(page.items)
      token = page.next
    } while token != nil
    #expect(pages == [[], ["a", "b"], [], ["c"]])
  }

  @Test func `fields that leave out the token leave it out`() throws {
    let answer = try caller.call("GET", "\(Caller.objects)?maxResults=1&fields=items(name)")
    #expect(try answer.json == ["items": [["name": "a/1"]]])
    let slash = try caller.call("GET", "\(Caller.objects)?maxResults=1&fields=items/name,prefixes")
    #expect(try slash.json == ["items": [["name": "a/1"]]])
  }

  @Test(arguments: [
    "pageToken=%25", "maxResults=0", "maxResults=x", "fields=items(nmae)", "fields=items(", "matchGlob=*",
  ])
  func `what can't be meant is refused`(query: String) throws {
    #expect(try caller.call("GET", "\(Caller.objects)?\(query)").status == 400)
  }
}
