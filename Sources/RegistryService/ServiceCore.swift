package import ModelRegistry
package import RegistryModel

/// What every handler works with.
package final class ServiceCore: Sendable {
  package let store: StoreAccess
  package let tokens: TokenTable
  package let sessions: Sessions
  package let signInLimit = SignInLimit()
  package let events: EventHub
  package let operations: Operations
  package let replies: Replies
  package let training: any TrainingDesk
  package let schedule: Schedule
  package let active: ActiveAnswer
  package let counters = RequestCounters()
  /// Those of urgent requests, whose number is bounded apart.
  let urgent = RequestCounters()
  let losses = LossSamples()
  let verified = VerifiedFiles()
  package let startedAt: Timestamp
  /// Whether browsers reach the service over TLS.
  package let isSecure: Bool

  package init(store: StoreAccess, training: any TrainingDesk, policy: ServicePolicy) throws {
    self.store = store
    self.training = training
    tokens = try TokenTable(store.root)
    active = ActiveAnswer(root: store.root)
    events = EventHub()
    operations = Operations(atOnce: policy.limits.operations, events: events, clock: store.clock)
    replies = Replies(clock: store.clock)
    sessions = Sessions(clock: store.clock)
    startedAt = store.clock.now()
    isSecure = policy.certificate != nil || policy.isBehindTLSProxy
    schedule = Schedule(operations: operations, clock: store.clock)
  }

  package var now: Timestamp { store.clock.now() }
}
