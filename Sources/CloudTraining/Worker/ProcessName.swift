import Foundation
import Glibc

/// Names one process and no later one: its number, and when it began, in the kernel's ticks since boot.
struct ProcessName: Hashable {
  let number: Int32
  let start: String

  /// Nil where there is no such process.
  init?(_ number: Int32) {
    // What follows the program's name, which may have any character but ends in the last parenthesis (proc(5)).
    guard let data = FileManager.default.contents(atPath: "/proc/\(number)/stat"),
      let text = String(bytes: data, encoding: .utf8), let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19 else { return nil }
    self.number = number
    start = String(fields[19])
  }

  var text: String { "\(number) \(start)" }

  /// Ends the process of this text with its whole group, where it still runs.
  static func end(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let number = Int32(parts[0]), number > 1, ProcessName(number)?.text == text else {
      return
    }
    kill(-number, SIGKILL)
  }
}
