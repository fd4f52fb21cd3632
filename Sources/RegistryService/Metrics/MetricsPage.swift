import ModelRegistry
import RegistryModel

/// The service in numbers, in Prometheus' text format 0.0.4.
struct MetricsPage {
  private let core: ServiceCore

  init(_ core: ServiceCore) { self.core = core }

  var text: String {
    var page = MetricsText()
    page.gauge(
      "modelctl_build_info", "What runs.", 1,
      labels: ["version": Build.current.version, "schema": "\(Build.current.schema)"])
    page.gauge("modelctl_start_time_seconds", "When the service was started.", core.startedAt.seconds)
    page.begin("modelctl_http_requests_total", "Requests that were answered.", .counter)
    for (key, count) in core.counters.all {
      page.sample(
        "modelctl_http_requests_total", Double(count),
        labels: ["route": key.route, "status": "\(key.status)"])
    }
    page.gauge(
      "modelctl_http_requests_in_flight", "Requests that are being answered.", core.counters.inFlight)
    page.gauge("modelctl_event_listeners", "Who listens to events.", core.events.listenerCount)
    page.begin("modelctl_operations", "Long work that is remembered, by state.", .gauge)
    let counts = core.operations.counts
    for state in LongOperation.State.allCases {
      page.sample("modelctl_operations", Double(counts[state] ?? 0), labels: ["state": state.rawValue])
    }
    store(&page)
    if let sync = core.schedule.lastSuccess(of: "sync") {
      page.gauge("modelctl_last_sync_timestamp_seconds", "When a round of sync last went well.", sync.seconds)
    }
    return page.text
  }

  /// What can't be read is absent, and `modelctl_store_readable` is 0.
  private func store(_ page: inout MetricsText) {
    let status = try? core.store.reading { try $0.status() }
    page.gauge("modelctl_store_readable", "Whether the index can be read.", status?.versions == nil ? 0 : 1)
    guard let status else { return }
    if let active = status.active {
      page.gauge("modelctl_active_generation", "The generation that is active.", active.generation)
      page.gauge("modelctl_trial", "Whether it is on trial.", active.state == .trial ? 1 : 0)
    }
    if let left = status.attemptsLeft {
      page.gauge("modelctl_trial_attempts_left", "How many boots the trial has left.", left)
    }
    if let bytes = status.blobBytes {
      page.gauge("modelctl_store_bytes", "Bytes of all blobs.", Double(bytes))
    }
    if let versions = status.versions {
      page.gauge("modelctl_versions", "Versions that are known.", Double(versions))
    }
    if let installed = status.installed {
      page.gauge("modelctl_versions_installed", "Versions that are installed.", Double(installed))
    }
    page.gauge(
      "modelctl_store_free_bytes", "Free bytes of the store's file system.", Double(status.freeBytes))
    page.gauge("modelctl_problems", "Problems that status names.", status.problems.count)
    if let damaged = try? core.store.reading({ try $0.damagedBlobCount() }) {
      page.gauge("modelctl_damaged_blobs", "Blobs whose bytes were found bad.", damaged)
    }
    if let waiting = status.remote?.waiting.count {
      page.gauge("modelctl_versions_waiting", "Versions that wait to be sent.", waiting)
    }
    if let scrubbed = status.scrub?.finishedAt {
      page.gauge(
        "modelctl_last_scrub_timestamp_seconds", "When all blobs had last been read.", scrubbed.seconds)
    }
  }
}

extension Timestamp {
  fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}
