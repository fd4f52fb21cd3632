import DurableFiles
import RegistryModel

extension Registry {
  /// What may wait until the answer was given: a checkpoint of a log that has grown. Skipped where another process
  /// is at it; a failure is left to the next one.
  public func tidy() {
    guard !isReadOnly, let index = indexIfReadable else { return }
    guard let lock = try? StoreLock.checkpoint.tryAcquire(store, .exclusive) else { return }
    defer { lock.release() }
    try? index.checkpointIfLarge()
  }
}
