import RegistryModel
import Synchronization

/// CRC-32C of the beginnings of an upload's bytes, each byte read as few times as can be.
final class SourceChecksum: Sendable {
  private static let bufferBytes = 256 << 10

  private struct State {
    /// Ends whose checksums are known: the beginning, and the two that were asked for or taken in last.
    var known: [(end: Int64, checksum: CRC32C)] = [(0, CRC32C())]
    /// Whether the last known end moves with what is taken in.
    var isTaking = false

    mutating func add(_ end: Int64, _ checksum: CRC32C) {
      known = [(0, CRC32C())] + known.filter { $0.end > 0 && $0.end < end }.suffix(1) + [(end, checksum)]
    }
  }

  private let source: any ObjectSource
  private let state = Mutex(State())

  init(_ source: any ObjectSource) { self.source = source }

  /// Begins a part whose bytes are taken in as they are sent.
  func begin() { state.withLock { $0.isTaking = false } }

  /// Takes bytes in that are read for another reason, so that they needn't be read again: those behind the last known
  /// end. Others are left alone.
  func take(_ piece: UnsafeRawBufferPointer, at offset: Int64) {
    state.withLock { state in
      guard piece.count > 0, var (end, checksum) = state.known.last, end == offset else { return }
      checksum.update(piece)
      end += Int64(piece.count)
      // The end where the part began stays known: the store may take no more of it.
      if state.isTaking {
        state.known[state.known.count - 1] = (end, checksum)
      } else {
        state.add(end, checksum)
      }
      state.isTaking = true
    }
  }

  /// The checksum of the bytes before `end`.
  ///
  /// - Throws: `integrity` where the source has fewer; what the source throws.
  func value(before end: Int64) throws -> UInt32 {
    var (position, checksum) = state.withLock { $0.known.last { $0.end <= end } } ?? (0, CRC32C())
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 16)
    defer { buffer.deallocate() }
    while position < end {
      let room = Int(min(end - position, Int64(buffer.count)))
      let count = try source.read(
        at: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(room)))
      guard count > 0 else {
        throw RegistryError(
          .integrity, "what is being sent became shorter", hint: "run it again when nothing changes the file")
      }
      checksum.update(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
      position += Int64(count)
    }
    state.withLock { state in
      state.add(end, checksum)
      state.isTaking = false
    }
    return checksum.value
  }
}
