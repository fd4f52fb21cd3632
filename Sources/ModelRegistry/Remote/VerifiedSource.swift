import Dispatch
import DurableFiles
import RegistryModel
import Synchronization

/// A blob's bytes as the source of an upload, whose end is only given out when all of them have the right digest: what is
/// damaged here never gets its name there.
///
/// The digest is taken on a thread of its own beside the sending, so that neither waits for the other but at the end.
final class VerifiedSource: ObjectSource {
  let identity: Digest?
  private let file: FileSource
  private let digest: Digest
  private let verdict = Mutex<Result<Bool, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ digest: Digest, in blobs: BlobStore, _ meter: ProgressMeter) throws {
    file = try FileSource(blobs.open(digest), identity: digest)
    identity = digest
    self.digest = digest
    let work = { @Sendable [self] in
      let result = Result { try Hashing.agrees(blobs.open(digest), digest, meter) }
      verdict.withLock { $0 = result }
      isDone.signal()
    }
    if stepsAreCounted { work() } else { DispatchQueue.global().async(execute: work) }
  }

  var bytes: Int64 { file.bytes }

  /// Whether the bytes are right; waits for it.
  var isGood: Bool {
    get throws {
      isDone.wait()
      isDone.signal()  // for whoever asks next
      return try verdict.withLock { try $0?.get() ?? false }
    }
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try file.read(at: offset, into: buffer)
    if offset + Int64(count) >= bytes { guard try isGood else { throw BlobStore.bad(digest) } }
    return count
  }
}
