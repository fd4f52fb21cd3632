import Glibc
import RegistryModel
import RegistryService
import Synchronization
import Testing

@Suite struct ServiceNotifierTests {
  /// What was reported.
  private final class Problems: Sendable {
    private let list = Mutex<[RegistryError]>([])
    var all: [RegistryError] { list.withLock { $0 } }
    @Sendable func add(_ problem: RegistryError) { list.withLock { $0.append(problem) } }
  }

  @Test(arguments: [false, true])
  func `each message arrives as a datagram of its own, at a path and at an abstract name`(
    abstract: Bool
  ) throws {
    let socket = try NotifySocket(abstract: abstract)
    let problems = Problems()
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name], report: problems.add)
    notifier.ready()
    notifier.ready("generation 2, on trial")
    notifier.status("generation 2, confirmed")
    notifier.watchdog()
    notifier.stopping()
    #expect(
      socket.messages() == [
        "READY=1", "READY=1\nSTATUS=generation 2, on trial", "STATUS=generation 2, confirmed", "WATCHDOG=1",
        "STOPPING=1",
      ])
    #expect(problems.all.isEmpty)
  }

  @Test func `a status can't become another assignment`() throws {
    let socket = try NotifySocket(abstract: true)
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name]) { _ in }
    notifier.status("fault: one\nREADY=1\r\nMAINPID=1\u{0}")
    let message = try #require(socket.messages().first)
    #expect(message.hasPrefix("STATUS=fault: one"))
    #expect(!message.contains { $0.isNewline || $0 == "\u{0}" })
  }

  @Test func `a status that is too long is cut between two characters`() throws {
    let socket = try NotifySocket(abstract: true)
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name]) { _ in }
    notifier.status(String(repeating: "ü", count: 100_000))
    let message = try #require(socket.messages().first)
    #expect(1000...1024 ~= message.utf8.count)
    #expect(message.dropFirst("STATUS=".count).allSatisfy { $0 == "ü" })
  }

  @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["WATCHDOG_USEC": "", "WATCHDOG_PID": ""]])
  func `without a manager nothing is sent and nothing is reported`(environment: [String: String]) {
    let problems = Problems()
    let notifier = ServiceNotifier(environment: environment, report: problems.add)
    notifier.ready("there")
    notifier.watchdog()
    notifier.stopping()
    #expect(notifier.watchdogInterval == nil)
    #expect(problems.all.isEmpty)
  }

  @Test(arguments: [
    "run/notify", "@", "vsock:2:1234", "/" + String(repeating: "n", count: 107),
    "@" + String(repeating: "n", count: 108), "/nobody/listens/here", "@nobody-listens-here", "/",
  ])
  func `a socket that can't be used is reported once, and the service goes on`(name: String) throws {
    let problems = Problems()
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name], report: problems.add)
    notifier.ready("there")
    notifier.status("still there")
    notifier.stopping()
    #expect(problems.all.count == 1)
    let problem = try #require(problems.all.first)
    #expect(problem.message.contains(name))
    #expect(problem.unchanged == "the service goes on")
  }

  @Test func `the longest names that a socket can have are taken`() throws {
    let digits = "\(getpid())"
    let room = 107 - digits.utf8.count
    for name in [
      "@" + digits + String(repeating: "n", count: room),
      "/tmp/" + digits + String(repeating: "n", count: room - 5),
    ] {
      let socket = try NotifySocket(name)
      let problems = Problems()
      ServiceNotifier(environment: ["NOTIFY_SOCKET": name], report: problems.add).ready()
      #expect(socket.messages() == ["READY=1"])
      #expect(problems.all.isEmpty)
    }
  }

  @Test func `a manager that comes back is told again`() throws {
    let name = "@modelctl-back-\(getpid())"
    let problems = Problems()
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name], report: problems.add)
    notifier.ready()
    #expect(problems.all.count == 1)
    let socket = try NotifySocket(name)
    notifier.watchdog()
    #expect(socket.messages() == ["WATCHDOG=1"])
    #expect(problems.all.count == 1)
  }

  @Test func `a manager that reads nothing holds nobody up`() throws {
    let socket = try NotifySocket(abstract: true)
    let problems = Problems()
    let notifier = ServiceNotifier(
      environment: ["NOTIFY_SOCKET": socket.name], patienceMilliseconds: 1, report: problems.add)
    // More than any queue of datagrams takes (net.unix.max_dgram_qlen).
    var sent = 0
    while problems.all.isEmpty, sent < 100_000 {
      notifier.watchdog()
      sent += 1
    }
    #expect(problems.all.count == 1)
    #expect(socket.messages().count == sent - 1)
  }

  @Test(arguments: [
    (["WATCHDOG_USEC": "30000000"], Duration.seconds(15)),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"], .seconds(15)),
    (["WATCHDOG_USEC": "3"], .microseconds(1)),
    (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil),
    (["WATCHDOG_USEC": "soon", "WATCHDOG_PID": "1"], nil),
    (["WATCHDOG_PID": "\(getpid())"], nil),
  ])
  func `a ping is due at half of what the manager allows this process`(
    environment: [String: String], interval: Duration?
  ) {
    let problems = Problems()
    #expect(ServiceNotifier(environment: environment, report: problems.add).watchdogInterval == interval)
    #expect(problems.all.isEmpty)
  }

  @Test(arguments: ["0", "1", "-5", "soon", "30s", "99999999999999999999999"])
  func `a watchdog's time that is none is reported, and nobody is watched`(text: String) {
    let problems = Problems()
    let notifier = ServiceNotifier(environment: ["WATCHDOG_USEC": text], report: problems.add)
    #expect(notifier.watchdogInterval == nil)
    #expect(problems.all.count == 1)
  }
}
