import Foundation
import Glibc
import Testing

/// Programs of others, where they are installed.
enum Peer {
  /// A program on the path; nil where there is none.
  static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// What a program writes to its standard output.
  ///
  /// - Parameter environment: beside the path; nil for this process' own.
  static func run(
    _ program: String, _ arguments: [String], _ environment: [String: String]? = nil, status: Int32 = 0
  ) throws -> String {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    if let environment {
      process.environment = environment.merging([
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "NO_PROXY": "*", "LC_ALL": "C.UTF-8",
      ]) { own, _ in own }
    }
    try process.run()
    let said = DispatchQueue(label: "errors")
    nonisolated(unsafe) var complaint = Data()
    let reading = errors.fileHandleForReading
    said.async { complaint = reading.readDataToEndOfFile() }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    said.sync {}
    try #require(
      process.terminationStatus == status,
      "\(program) \(arguments): \(String(decoding: text + complaint, as: UTF8.self))")
    return String(decoding: text, as: UTF8.self)
  }
}
