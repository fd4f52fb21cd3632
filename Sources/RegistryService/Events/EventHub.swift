package import RegistryModel
import Synchronization

/// What happened, as a server-sent event: a kind, and a document.
package struct ServiceEvent: Sendable {
  package let id: UInt64
  package let kind: String
  package let document: JSONValue

  package var isBeat: Bool { kind.isEmpty }

  /// The event as it goes over the wire (WHATWG HTML, section 9.2.6); a beat is a comment.
  package var text: String {
    isBeat ? ": \n\n" : "id: \(id)\nevent: \(kind)\ndata: \(document.canonicalText)\n\n"
  }
}

/// Tells everybody who listens what happened.
///
/// A listener that doesn't keep up loses the oldest events, never the newest, and nobody waits for it: each event says
/// the state it leads to, so the newest of a kind is enough.
package final class EventHub: Sendable {
  /// How many may listen; each costs a connection and a small buffer.
  static let listenerLimit = 256
  private static let bufferedEvents = 64

  private struct State {
    var next: UInt64 = 1
    var listeners: [UInt64: AsyncStream<ServiceEvent>.Continuation] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  package init() {}

  package func send(_ kind: String, _ document: JSONValue) {
    state.withLock { state in
      let event = ServiceEvent(id: state.next, kind: kind, document: document)
      state.next += 1
      for listener in state.listeners.values { listener.yield(event) }
    }
  }

  /// Something small, so that a connection that has gone is noticed.
  package func beat() { send("", .null) }

  /// - Throws: `busy` where too many listen.
  package func listen() throws(RegistryError) -> EventFeed {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ServiceEvent.self, bufferingPolicy: .bufferingNewest(Self.bufferedEvents))
    let key = state.withLock { state -> UInt64? in
      guard !state.isClosed, state.listeners.count < Self.listenerLimit else { return nil }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    guard let key else {
      throw RegistryError(.busy, "too many listen to events", hint: "end other listeners, or try again")
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.listeners.removeValue(forKey: key) }
    }
    return EventFeed(stream: stream)
  }

  package var listenerCount: Int { state.withLock(\.listeners.count) }

  /// Ends every feed: the service stops.
  package func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }
}

/// The events that one listener gets.
package struct EventFeed: Sendable {
  package let stream: AsyncStream<ServiceEvent>
}
