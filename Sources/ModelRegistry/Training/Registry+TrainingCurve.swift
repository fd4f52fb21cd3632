import DurableFiles
package import RegistryModel

extension Registry {
  /// What is read of a log at most, from its end.
  private static let curveBytes: Int64 = 8 << 20

  /// How far a job that is or was trained here was at times, oldest first, as its log tells: at most `limit` of them, the
  /// last one among them. Empty where there is no log.
  package func trainingCurve(_ job: JobID, limit: Int = 400) -> [TrainerProgress] {
    guard limit > 1, let folder = try? store.root.directory("private/training/\(job)"),
      let file = try? folder.openFile("log.txt")
    else { return [] }
    let all = Self.progress(in: file)
    guard all.count > limit else { return all }
    return (0..<limit).map { all[$0 * (all.count - 1) / (limit - 1)] }
  }

  private static func progress(in file: ReadableFile) -> [TrainerProgress] {
    let start = max(0, file.size - curveBytes)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, Int(file.size - start)), alignment: 1)
    defer { buffer.deallocate() }
    let count = (try? file.read(at: start, into: buffer)) ?? 0
    var lines = buffer[..<count].split(separator: UInt8(ascii: "\n"))[...]
    if start > 0 { lines = lines.dropFirst() }  // half of one
    var found: [TrainerProgress] = []
    for line in lines where line.first == UInt8(ascii: "{") {
      guard case .progress(let progress, _) = TrainerLine(String(decoding: line, as: UTF8.self)) else {
        continue
      }
      // Another attempt began again, and what the one before it said is no part of this line.
      while let last = found.last, last.step >= progress.step { found.removeLast() }
      found.append(progress)
    }
    return found
  }
}
