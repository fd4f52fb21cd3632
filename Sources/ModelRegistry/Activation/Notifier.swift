import Glibc
import RegistryModel

/// Tells a runtime that the link moved. Outside the store and after the switch: nothing here is durable, and a
/// failure is reported and undoes nothing.
struct Notifier {
  let notification: SwitchNotification

  /// Does every part, and returns what failed.
  func notify(generation: Int, path: String) -> [String] {
    var problems: [String] = []
    if let file = notification.rewrite, let problem = rewrite(file) { problems.append(problem) }
    if let file = notification.pidFile, let problem = signal(file) { problems.append(problem) }
    if let command = notification.command {
      let environment = ["MODELCTL_GENERATION": "\(generation)", "MODELCTL_ACTIVE_PATH": path]
      if let problem = HookRunner().run(command, environment: environment).problem(command) {
        problems.append(problem)
      }
    }
    return problems
  }

  /// Writes a file's first byte over itself: watchers see a modification, readers see no change.
  private func rewrite(_ path: String) -> String? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return failure("rewrite", path) }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    let count = pread(descriptor, &byte, 1, 0)
    guard count == 1 else {
      return count == 0 ? "can't rewrite \(path): it is empty" : failure("rewrite", path)
    }
    return pwrite(descriptor, &byte, 1, 0) == 1 ? nil : failure("rewrite", path)
  }

  private func signal(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return failure("read", path) }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, 32, file) != nil else { return "can't read a process id from \(path)" }
    let text = String(
      decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let process = pid_t(text), process > 1 else { return "\(path) holds no process id" }
    return kill(process, notification.signal) == 0 ? nil : failure("signal the process \(process) of", path)
  }

  private func failure(_ verb: String, _ path: String) -> String {
    "can't \(verb) \(path): \(String(cString: strerror(errno)))"
  }
}
