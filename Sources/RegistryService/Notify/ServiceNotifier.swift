import Glibc
public import RegistryModel
import Synchronization

/// Tells the service manager how the service is, by the protocol of sd_notify(3).
///
/// Without `NOTIFY_SOCKET` everything here does nothing: whoever starts the service by hand waits for no message. A
/// message that couldn't be sent is reported once and stops nothing; the next one is tried all the same, as a manager
/// may have been started anew. What is sent is a datagram that has arrived when the call returns.
public final class ServiceNotifier: Sendable {
  /// How often ``watchdog()`` is due, half of what the manager allows; nil where it doesn't watch this process.
  public let watchdogInterval: Duration?

  private let address: NotifyAddress?
  private let patienceMilliseconds: Int
  private let report: Mutex<(@Sendable (RegistryError) -> Void)?>

  /// - Parameters:
  ///   - environment: this process's; `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
  ///   - report: is told the first thing that went wrong, and nothing after it.
  public convenience init(
    environment: [String: String], report: @escaping @Sendable (RegistryError) -> Void
  ) {
    self.init(environment: environment, patienceMilliseconds: 1000, report: report)
  }

  /// - Parameter patienceMilliseconds: how long a manager that reads nothing may hold up a message.
  package init(
    environment: [String: String], patienceMilliseconds: Int,
    report: @escaping @Sendable (RegistryError) -> Void
  ) {
    var problem: RegistryError?
    do throws(RegistryError) {
      address = try Self.variable("NOTIFY_SOCKET", environment).map(NotifyAddress.init)
    } catch {
      address = nil
      problem = error
    }
    do throws(RegistryError) {
      watchdogInterval = try Self.interval(environment)
    } catch {
      watchdogInterval = nil
      problem = problem ?? error
    }
    self.patienceMilliseconds = patienceMilliseconds
    self.report = Mutex(report)
    if let problem { tell(problem) }
  }

  /// The service answers; what was ordered after it may start.
  public func ready(_ status: String? = nil) {
    send(["READY=1"] + (status.map { [Self.line($0)] } ?? []))
  }

  /// What `systemctl status` shows: one line for people.
  public func status(_ text: String) { send([Self.line(text)]) }

  /// The service ends what is under way and takes nothing new.
  public func stopping() { send(["STOPPING=1"]) }

  /// The service is alive; due each ``watchdogInterval``, from what would stand still if the service did.
  public func watchdog() { send(["WATCHDOG=1"]) }

  private func send(_ assignments: [String]) {
    guard let address else { return }
    do throws(RegistryError) {
      try address.send(assignments.joined(separator: "\n"), patienceMilliseconds: patienceMilliseconds)
    } catch {
      tell(error)
    }
  }

  private func tell(_ problem: RegistryError) {
    let report = report.withLock { report in
      defer { report = nil }
      return report
    }
    report?(problem)
  }

  /// The manager ignores a message above 4 KiB, and takes what follows a line's end for the next assignment.
  private static func line(_ status: String) -> String {
    var text = "STATUS="
    for character in status.printable {
      guard text.utf8.count + character.utf8.count <= 1024 else { break }
      text.append(character)
    }
    return text
  }

  /// As sd_watchdog_enabled(3): what is meant for another process isn't meant for this one.
  private static func interval(_ environment: [String: String]) throws(RegistryError) -> Duration? {
    guard let text = variable("WATCHDOG_USEC", environment) else { return nil }
    if let owner = variable("WATCHDOG_PID", environment), owner != "\(getpid())" { return nil }
    guard let microseconds = Int64(text), microseconds > 1 else {
      throw RegistryError(
        .usage, "WATCHDOG_USEC is \(text.quoted), which is no time", unchanged: "the service isn't watched",
        hint: "see WatchdogSec= in systemd.service(5)")
    }
    return .microseconds(microseconds / 2)
  }

  private static func variable(_ name: String, _ environment: [String: String]) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
