import RegistryModel
import Testing

/// One line of `Golden/switch-cases.json`: what an opening of a store could see, and what the model of the switch
/// says to it. `tools/switch-cases` writes the file.
///
/// | field | meaning |
/// |---|---|
/// | `active` | the generation that the link names |
/// | `generations` | number, set, fallback, trial mark, prepared link, complete |
/// | `rows` | number, set, confirmed, state (P pending, B abandoned, A active, R left), boots of attempts; null: lost |
/// | `link` | the generation that the last recorded switch made active |
/// | `boot`, `space` | the present boot; whether something can be written |
/// | `answers` | what the model does |
/// | `otherwise` | what it would do if an abandoned generation never counted as a confirmed one |
///
/// A set is an integer, 0 the empty one. An attempt in boot 0 is one that an index counted that is lost.
struct SwitchCase: Sendable {
  struct Row: Sendable {
    let number: Int
    let set: Int
    let isConfirmed: Bool
    let state: String
    let tries: [Int]
  }

  let line: Int
  let view: SwitchView
  /// The set of each generation that has a directory.
  let sets: [Int: Int]
  /// Ordered by number; nil when the index is lost.
  let rows: [Row]?
  let boot: Int
  let hasSpace: Bool
  let answers: JSONValue
  let otherwise: JSONValue?

  static func set(_ number: Int) -> GenerationSet {
    guard number > 0, let adapter = try? AdapterName(parsing: "robot_001"),
      let version = try? VersionID(adapter: adapter, number: number),
      let digest = Digest(bytes: Array(repeating: UInt8(number), count: Digest.byteCount))
    else { return GenerationSet() }
    return GenerationSet([GenerationSet.Member(version: version, digest: digest)])
  }

  init(_ json: JSONValue, line: Int) throws {
    self.line = line
    answers = try #require(json["answers"])
    otherwise = json["otherwise"]
    boot = try #require(json["boot"]?.int)
    hasSpace = json["space"] == true
    let fields = try #require(json["generations"]?.asArray).map { try #require($0.asArray) }
    var generations: [Int: SwitchView.Generation] = [:]
    var sets: [Int: Int] = [:]
    for field in fields {
      let number = try #require(field[0].int)
      let set = try #require(field[1].int)
      sets[number] = set
      generations[number] = SwitchView.Generation(
        number: number, set: Self.set(set), fallback: field[2].int,
        hasTrialMark: field[3] == true, prepared: field[4].int, isComplete: field[5] == true)
    }
    self.sets = sets
    rows = try json["rows"]?.asArray?.map { try Row($0) }
    let ledger = try rows.map { rows in
      SwitchView.Ledger(
        rows: Dictionary(
          uniqueKeysWithValues: try rows.map { row in
            (
              row.number,
              SwitchView.Row(
                number: row.number, set: Self.set(row.set), fallback: generations[row.number]?.fallback,
                isConfirmed: row.isConfirmed, state: try #require(Self.states[row.state]))
            )
          }), link: json["link"]?.int)
    }
    let blocked = try #require(json["blocked"]?.ints).flatMap { Self.set($0).digests }
    view = SwitchView(
      active: json["active"]?.int, generations: generations, ledger: ledger, blocked: Set(blocked))
  }

  static let states: [String: SwitchView.RowState] = [
    "P": .pending, "B": .abandoned, "A": .active, "R": .left,
  ]

  /// What the model says of `key`; with `adapted`, what it says without abandoned generations.
  func answer(_ key: String, adapted: Bool = false) throws -> JSONValue {
    try #require(adapted ? otherwise?[key] ?? answers[key] : answers[key], "line \(line) answers no \(key)")
  }

  func row(_ number: Int?) -> Row? { rows?.first { $0.number == number } }
}

extension SwitchCase.Row {
  fileprivate init(_ json: JSONValue) throws {
    let fields = try #require(json.asArray)
    number = try #require(fields[0].int)
    set = try #require(fields[1].int)
    isConfirmed = fields[2] == true
    state = try #require(fields[3].asString)
    tries = try #require(fields[4].ints)
  }
}

extension JSONValue {
  var int: Int? { asInt.map { Int($0) } }
  var ints: [Int]? { asArray.map { $0.compactMap(\.int) } }
}

/// The whole file.
struct SwitchCases: Sendable {
  let cases: [SwitchCase]
  /// The attempts that every trial of the model has.
  let attempts: Int

  static let golden = Result { try SwitchCases() }

  private init() throws {
    let json = try JSONValue(parsing: Repository.json("switch-cases", in: Repository.golden))
    attempts = try #require(json["attempts"]?.int)
    cases = try #require(json["cases"]?.asArray).enumerated().map { try SwitchCase($1, line: $0 + 2) }
    #expect(cases.count == (json["reached"]?.int ?? 0) + (json["bent"]?.int ?? 0))
  }
}
