import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct NotifyTests {
  @Test func `a file is rewritten in place: same inode, same bytes, and watchers see it`() throws {
    let fixture = try StoreFixture.copied()
    let file = try fixture.scratch.write("manifest.json", "{\"models\":[]}")
    let inode = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? NSNumber
    let watcher = inotify_init1(Int32(O_CLOEXEC) | Int32(O_NONBLOCK))
    try #require(watcher >= 0)
    defer { close(watcher) }
    try #require(inotify_add_watch(watcher, file, UInt32(IN_MODIFY)) >= 0)
    let registry = try fixture.open(Configuration(notify: SwitchNotification(rewrite: file)))
    #expect(try registry.activate("robot_001_v2").warnings == [])
    var event = [UInt8](repeating: 0, count: 4096)
    #expect(read(watcher, &event, event.count) > 0, "inotify tells of a modification")
    #expect(read(watcher, &event, event.count) < 0, "of one")
    let switches: [() throws -> SwitchResult] = [
      { try registry.rollback() }, { try registry.rollback(to: 2) }, { try registry.health(.fault("x")) },
    ]
    for switching in switches {
      #expect(try switching().warnings == [])
      #expect(read(watcher, &event, event.count) > 0, "each switch is told of")
    }
    #expect(try contents(file) == "{\"models\":[]}")
    let after = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? NSNumber
    #expect(after == inode)
  }

  @Test func `the process of a pid file gets the signal`() throws {
    let fixture = try StoreFixture.copied()
    let script = "trap 'echo told; kill $!; exit' USR1; /bin/sleep 600 & echo $$; wait"
    let runtime = try Talk("/bin/sh", ["-c", script])
    let pid = try runtime.hear()
    let file = try fixture.scratch.write("runtime.pid", "\(pid)\n")
    let registry = try fixture.open(Configuration(notify: SwitchNotification(pidFile: file, signal: SIGUSR1)))
    #expect(try registry.activate("robot_001_v2").warnings == [])
    #expect(try runtime.hear() == "told")
  }

  @Test func `a command is told the generation and the path`() throws {
    let fixture = try StoreFixture.copied()
    let told = fixture.scratch("told")
    let script = "echo $MODELCTL_GENERATION $MODELCTL_ACTIVE_PATH $HOME >> '\(told)'"
    let command = HookCommand(arguments: ["/bin/sh", "-c", script], timeoutMilliseconds: 60_000)
    let registry = try fixture.open(Configuration(notify: SwitchNotification(command: command)))
    try registry.activate("robot_001_v2")
    try registry.rollback()
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    let lines = [2, 1].map {
      "\($0) \(fixture.path("generations/\($0)")) \(home)".trimmingCharacters(in: .whitespaces)
    }
    #expect(
      try contents(told).split(separator: "\n").map(String.init) == lines)
  }

  @Test func `a boot that reverts tells of it, one that loads does not`() throws {
    let fixture = try StoreFixture.copied()
    let told = fixture.scratch("told")
    let command = HookCommand(
      arguments: ["/bin/sh", "-c", "echo $MODELCTL_GENERATION >> '\(told)'"], timeoutMilliseconds: 60_000)
    let configuration = Configuration(
      notify: SwitchNotification(command: command), trial: .init(attempts: 1, deadlineMilliseconds: nil))
    try fixture.open(configuration).activate("robot_001_v2")
    for _ in 0..<3 { _ = try Registry.boot(fixture.root, fixture.options(configuration)) }
    #expect(try contents(told) == "2\n1\n")
  }

  enum Failing: String, CaseIterable {
    case fileMissing, fileEmpty, pidMissing, pidGarbage, pidGone, commandFails, commandMissing, commandHangs

    func notification(_ scratch: Scratch) throws -> SwitchNotification {
      switch self {
      case .fileMissing: SwitchNotification(rewrite: scratch("nowhere"))
      case .fileEmpty: SwitchNotification(rewrite: try scratch.write("empty", []))
      case .pidMissing: SwitchNotification(pidFile: scratch("nowhere"))
      case .pidGarbage: SwitchNotification(pidFile: try scratch.write("pid", "-1\n"))
      case .pidGone: SwitchNotification(pidFile: try scratch.write("pid", "4194304\n"))
      case .commandFails:
        SwitchNotification(command: .init(arguments: ["/bin/false"], timeoutMilliseconds: 60_000))
      case .commandMissing:
        SwitchNotification(command: .init(arguments: ["/nowhere"], timeoutMilliseconds: 60_000))
      case .commandHangs:
        SwitchNotification(command: .init(arguments: ["/bin/sleep", "600"], timeoutMilliseconds: 50))
      }
    }
  }

  @Test(arguments: Failing.allCases)
  func `a notification that fails is a warning, and doctor's finding`(failing: Failing) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(notify: try failing.notification(fixture.scratch)))
    let result = try registry.activate("robot_001_v2")
    #expect(result.switched && result.generation == 2 && result.warnings.count == 1, "\(result.warnings)")
    #expect(try registry.doctor().contains { $0.subject == "notify" && $0.isProblem })
    let back = try registry.rollback()
    #expect(back.generation == 1 && back.warnings.count == 1)
  }
}
