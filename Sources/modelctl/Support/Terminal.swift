import Foundation

/// The two streams, and what kind of ends they have.
enum Terminal {
  static let isErrorATerminal = isatty(STDERR_FILENO) == 1

  /// Columns to fit a table into; unlimited where the output is no terminal.
  static var width: Int {
    guard isatty(STDOUT_FILENO) == 1 else { return .max }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  static func printError(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
