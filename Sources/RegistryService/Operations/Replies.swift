import HTTPTypes
package import ModelRegistry
package import RegistryModel
import Synchronization

/// What requests with an `Idempotency-Key` were answered: the same request again gets the same answer, and is not done
/// twice.
///
/// Kept for a day, in memory: after a restart a switch that is asked for again is guarded by the generation that its
/// caller saw, and long work is safe to be done again.
package final class Replies: Sendable {
  private static let limit = 1_000
  private static let lifetimeMilliseconds: Int64 = 24 * 3_600_000

  package struct Key: Hashable, Sendable {
    package let caller: Caller.Way
    package let text: String

    /// - Throws: `usage` where the text is none.
    package init(_ caller: Caller, _ text: String) throws(RegistryError) {
      guard 1...255 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIPrintable) else {
        throw RegistryError(
          .usage, "the header Idempotency-Key has \(text.quoted)",
          hint: "send 1 to 255 printable characters, for example a UUID")
      }
      self.caller = caller.way
      self.text = text
    }
  }

  private struct Entry {
    let request: Digest
    /// By the clock of the boot: a robot's wall clock jumps.
    let atUptime: Int64
    var response: APIResponse?
  }

  private let entries = Mutex<[Key: Entry]>([:])
  private let clock: MachineClock

  package init(clock: MachineClock) { self.clock = clock }

  /// The answer that was given before, or what `body` answers now, which is kept unless it may go better next time.
  ///
  /// - Parameter request: a digest of all that was asked.
  /// - Throws: `refused` where the key was used for another request; `busy` while that one is being answered.
  package func once(_ key: Key, _ request: Digest, _ body: () throws -> APIResponse) throws -> APIResponse {
    if let response = try take(key, request) { return response }
    do {
      let response = try body()
      entries.withLock { entries in
        if response.status.code < 500 { entries[key]?.response = response } else { entries[key] = nil }
      }
      return response
    } catch {
      entries.withLock { $0[key] = nil }
      throw error
    }
  }

  private func take(_ key: Key, _ request: Digest) throws(RegistryError) -> APIResponse? {
    let now = clock.moment().uptimeMilliseconds
    let found = entries.withLock { entries -> Entry? in
      if let entry = entries[key], now - entry.atUptime < Self.lifetimeMilliseconds {
        return entry
      }
      if entries.count >= Self.limit { Self.forgetOldest(&entries) }
      entries[key] = Entry(request: request, atUptime: now)
      return nil
    }
    guard let found else { return nil }
    guard found.request == request else {
      throw RegistryError(
        .refused, "the Idempotency-Key was used for another request", hint: "make a new key for each request")
    }
    guard let response = found.response else {
      throw RegistryError(
        .busy, "the request with this Idempotency-Key is being answered", hint: "ask again in a moment")
    }
    return response
  }

  /// The older half of those that were answered.
  private static func forgetOldest(_ entries: inout [Key: Entry]) {
    let answered = entries.filter { $0.value.response != nil }.sorted {
      $0.value.atUptime < $1.value.atUptime
    }
    for (key, _) in answered.prefix(limit / 2) { entries[key] = nil }
  }
}
