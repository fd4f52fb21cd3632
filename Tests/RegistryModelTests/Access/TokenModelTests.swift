import RegistryModel
import Testing

/// Scopes, names and secrets of tokens.
@Suite struct TokenModelTests {
  @Test func `every scope covers itself, admin all, and who may change may look`() {
    let covered: [TokenScope: Set<TokenScope>] = [
      .read: [.read], .operate: [.operate, .read], .train: [.train, .read],
      .admin: [.read, .operate, .train, .admin],
    ]
    for scope in TokenScope.allCases {
      for needed in TokenScope.allCases {
        #expect(scope.covers(needed) == covered[scope]?.contains(needed), "\(scope) for \(needed)")
        #expect(Set([scope]).covers(needed) == scope.covers(needed))
      }
    }
    #expect(Set<TokenScope>([.operate, .train]).covers(.train))
    #expect(!Set<TokenScope>([.operate, .train]).covers(.admin), "two halves are no whole")
    #expect(!Set<TokenScope>().covers(.read), "no scope covers nothing")
  }

  @Test func `the words of scopes never change`() throws {
    #expect(TokenScope.allCases.map(\.rawValue) == ["read", "operate", "train", "admin"])
    #expect(Set(TokenScope.allCases).words == ["admin", "operate", "read", "train"])
    #expect(try TokenScope(parsing: "train") == .train)
    let error = refusal { () throws(RegistryError) in try TokenScope(parsing: "operat") }
    #expect(error?.code == .usage && error?.hint.contains("operate") == true)
  }

  @Test(arguments: [
    "a", "0", "ci", "night.shift-2_b", "lock", "new", String(repeating: "z", count: 63),
  ])
  func `a name is taken as it is written`(text: String) throws {
    let name = try TokenName(parsing: text)
    #expect(name.text == text && "\(name)" == text && name.caller == "token:\(text)")
  }

  @Test(arguments: [
    "", ".", "..", ".new", "-a", "_a", "A", "a/b", "a b", "a\n", "a\u{0}", "ä", "a\u{301}", "a:b",
    String(repeating: "z", count: 64),
  ])
  func `every other name is refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try TokenName(parsing: text) }?.code == .usage)
  }

  /// Values of Python's base64.urlsafe_b64encode.
  @Test(arguments: [
    ([UInt8](repeating: 0, count: 32), String(repeating: "A", count: 43)),
    ([UInt8](repeating: 0xff, count: 32), String(repeating: "_", count: 42) + "8"),
    ([UInt8](0..<32), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
    ([UInt8](224...255), "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8"),
  ])
  func `a secret is its prefix and 32 bytes in base64url`(bytes: [UInt8], digits: String) throws {
    let secret = try #require(TokenSecret(bytes: bytes))
    #expect(secret.text == "mctl_\(digits)")
    #expect(TokenSecret(parsing: secret.text)?.text == secret.text)
    #expect("\(secret)" == "mctl_…" && String(reflecting: secret) == "mctl_…")
  }

  @Test func `what can't be a secret is none`() {
    let good = "mctl_" + String(repeating: "A", count: 43)
    for text in [
      "", "mctl_", good + "A", String(good.dropLast()), good.replacing("mctl_", with: "mctk_"),
      String(good.dropLast()) + "+", String(good.dropLast()) + "=", " " + good.dropFirst(),
      String(good.dropLast(2)) + "é", String(repeating: "A", count: 48), good.uppercased(),
    ] {
      #expect(TokenSecret(parsing: text) == nil, "\(text)")
    }
    #expect(TokenSecret(bytes: Array(repeating: 0, count: 31)) == nil)
  }

  @Test func `digests are the same exactly where all of their bits are`() throws {
    let bytes = [UInt8](0..<32)
    let one = try #require(Digest(bytes: bytes))
    #expect(one.sameness(as: one) == 1)
    for place in 0..<256 {
      var other = bytes
      other[place / 8] ^= 1 << UInt8(place % 8)
      #expect(try one.sameness(as: #require(Digest(bytes: other))) == 0, "bit \(place)")
    }
  }
}
