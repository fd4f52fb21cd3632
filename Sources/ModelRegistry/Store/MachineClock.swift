import CLinux
import Glibc
public import RegistryModel

/// The three clocks of a machine: wall time, boot time, and which boot this is.
///
/// Tests put their own in place of it; a robot's wall clock jumps, so trials count boot time only.
public struct MachineClock: Sendable {
  public var now: @Sendable () -> Timestamp
  public var moment: @Sendable () -> Trial.Moment

  public init(
    now: @escaping @Sendable () -> Timestamp, moment: @escaping @Sendable () -> Trial.Moment
  ) {
    self.now = now
    self.moment = moment
  }

  /// The machine's own: CLOCK_REALTIME, CLOCK_BOOTTIME and the kernel's boot id.
  public static let system = MachineClock(
    now: { Timestamp(milliseconds: milliseconds(CLOCK_REALTIME)) },
    moment: { Trial.Moment(bootID: bootID, uptimeMilliseconds: milliseconds(CLOCK_BOOTTIME)) })

  private static func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static let bootID: String = {
    guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return Trial.Moment.unknownBoot }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, 64, file) != nil else { return Trial.Moment.unknownBoot }
    return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()
}
