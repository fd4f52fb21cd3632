import Foundation
import RegistryModel

/// A word with a colour; the word alone says it too.
struct Badge: Hashable, Sendable {
  enum Tone: String, Sendable { case good, warn, bad, info, plain }

  let text: String
  let tone: String

  init(_ text: String, _ tone: Tone = .plain) {
    self.text = text
    self.tone = tone.rawValue
  }
}

/// A name that leads somewhere.
struct Link: Hashable, Sendable {
  let text: String
  let path: String

  static func version(_ name: String) -> Link { Link(text: name, path: PagePath.version(name)) }
}

/// A time, for machines, for people, and how long ago it is.
struct Moment: Hashable, Sendable {
  let machine: String
  let text: String
  /// To the minute.
  let short: String
  let ago: String

  /// - Parameter text: as documents have times; another text is shown as it is.
  init(_ text: String, now: Timestamp) {
    machine = text
    guard let time = try? Timestamp(parsing: text) else {
      self.text = text
      short = text
      ago = ""
      return
    }
    let whole = time.description
    self.text = "\(whole.prefix(10)) \(whole.dropFirst(11).prefix(8)) UTC"
    short = "\(whole.prefix(10)) \(whole.dropFirst(11).prefix(5))"
    let passed = now.milliseconds - time.milliseconds
    ago = passed < 0 ? "in the future" : passed < 1000 ? "just now" : "\(Shown.span(passed)) ago"
  }
}

/// One line of a list of facts.
struct Fact: Hashable, Sendable {
  let name: String
  let value: String
  var path: String?
  var isCode = false
}

extension [Fact] {
  /// Adds a fact that there is; none for one without a value.
  mutating func add(_ name: String, _ value: String?, path: String? = nil, isCode: Bool = false) {
    guard let value, !value.isEmpty else { return }
    append(Fact(name: name, value: value, path: path, isCode: isCode))
  }
}

/// Numbers as people read them.
enum Shown {
  static func bytes(_ count: Int64) -> String { ByteCount(bytes: count).description }

  /// Four digits that matter.
  static func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value), whole.magnitude < 1_000_000_000 { return "\(whole)" }
    return String(format: "%.4g", value)
  }

  static func count(_ count: Int64, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `12 345`, with a thin space that doesn't break.
  static func grouped(_ count: Int64) -> String {
    let digits = Array("\(count.magnitude)")
    var text = count < 0 ? "−" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { text += "\u{202f}" }
      text.append(digit)
    }
    return text
  }

  /// `3 min`, `2 h 5 min`, `4 days`: the two largest units at most.
  static func span(_ milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600:
      let rest = seconds % 60
      return seconds < 600 && rest > 0 ? "\(seconds / 60) min \(rest) s" : "\(seconds / 60) min"
    case ..<86_400:
      let rest = seconds % 3600 / 60
      return rest > 0 ? "\(seconds / 3600) h \(rest) min" : "\(seconds / 3600) h"
    default: return "\(seconds / 86_400) day\(seconds / 86_400 == 1 ? "" : "s")"
    }
  }

  /// `sha256:` and 12 digits.
  static func digest(_ text: String) -> String { (try? Digest(parsing: text))?.short ?? text }

  /// From 0 to 100, of what may have no end yet.
  static func percent(_ done: Int64, of total: Int64) -> Int64 {
    total > 0 ? min(100, max(0, Int64(Double(done) / Double(total) * 100))) : 0
  }

  /// A text that people may have written with several lines.
  static func lines(_ text: String) -> [String] {
    text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
  }

  /// What fits into so many characters, with the middle left out.
  static func fitted(_ text: String, _ count: Int) -> String {
    guard text.count > count, count > 4 else { return text }
    let kept = count - 1
    return "\(text.prefix(kept - kept / 2))…\(text.suffix(kept / 2))"
  }
}

extension String {
  /// Without white space around it, as people type.
  var trimmed: String {
    var scalars = unicodeScalars[...]
    while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
    while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
    return String(scalars)
  }
}
