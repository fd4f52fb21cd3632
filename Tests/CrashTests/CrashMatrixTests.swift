#if DEBUG
  import Foundation
  import Testing

  /// Every operation, broken at every durable step, in every way that a step can break.
  ///
  /// A case is named in each message as "operation, fault at step N: label". To run one alone:
  /// `MODELCTL_CRASH_STEP=N swift test --filter 'CrashTests.*Kills'`, with the operation's name in the output.
  @Suite(.crashMatrix) struct CrashMatrixTests {}

  /// Names cases, and picks one of them when the environment says so.
  enum Replay {
    private static let step = ProcessInfo.processInfo.environment["MODELCTL_CRASH_STEP"].flatMap { Int($0) }

    static func includes(_ number: Int) -> Bool { step == nil || step == number }

    static func name(_ operation: CrashOperation, _ fault: String, _ step: Int, _ steps: [String]) -> String {
      let label = step <= steps.count ? steps[step - 1] : "after it was acknowledged"
      return "\(operation), \(fault) at step \(step): \(label)"
    }
  }
#endif
