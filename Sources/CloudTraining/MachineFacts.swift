import Foundation
import RegistryModel

/// What this machine says of itself; nil where it has no such thing.
struct MachineFacts {
  let freeMemoryBytes: Int64?
  let celsius: Double?
  let batteryPercent: Double?
  let isCharging: Bool

  init(_ policy: DecisionPolicy) {
    freeMemoryBytes = Self.availableMemory()
    celsius = Self.temperature(policy.temperatureFile)
    let battery =
      policy.batteryFile.map { ($0 as NSString).deletingLastPathComponent } ?? Self.batteryFolder()
    batteryPercent = Self.number(policy.batteryFile ?? battery.map { "\($0)/capacity" })
    isCharging = ["Charging", "Full"].contains(Self.word(battery.map { "\($0)/status" }) ?? "")
  }

  /// What can be had without pushing others out: `MemAvailable`.
  private static func availableMemory() -> Int64? {
    let lines = text("/proc/meminfo")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 }
  }

  /// The hottest zone, which Linux tells in thousandths of a degree.
  private static func temperature(_ file: String?) -> Double? {
    if let file { return number(file).map { $0 > 1000 ? $0 / 1000 : $0 } }
    let folder = "/sys/class/thermal"
    let zones = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return zones.filter { $0.hasPrefix("thermal_zone") }
      .compactMap { number("\(folder)/\($0)/temp") }.map { $0 / 1000 }.max()
  }

  private static func batteryFolder() -> String? {
    let folder = "/sys/class/power_supply"
    let supplies = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return supplies.sorted().map { "\(folder)/\($0)" }.first { word("\($0)/type") == "Battery" }
  }

  private static func number(_ path: String?) -> Double? { word(path).flatMap { Double($0) } }
  private static func word(_ path: String?) -> String? {
    path.flatMap { text($0) }.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
  }
  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).flatMap { String(bytes: $0.prefix(65_536), encoding: .utf8) }
  }
}
