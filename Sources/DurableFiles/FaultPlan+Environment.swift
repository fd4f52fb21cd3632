#if DEBUG
  import Glibc

  extension FaultPlan {
    /// The plan of the whole process, read once from the variable MODELCTL_FAULT; nil when it isn't set.
    ///
    /// One or more of these, joined by commas: `kill:17`, `killsync:3`, `fail:17:28` (an error number), `full:17`,
    /// `omit:3`, `trace:/path`. A text that says anything else stops the process: a test that breaks nothing proves nothing.
    static let fromEnvironment: FaultPlan? = {
      guard let text = getenv("MODELCTL_FAULT") else { return nil }
      let specification = String(cString: text)
      guard let actions = parse(specification) else {
        preconditionFailure("MODELCTL_FAULT isn't understood: \(specification)")
      }
      return FaultPlan(actions: actions)
    }()

    /// The actions that a text names, nil when one of them isn't understood.
    static func parse(_ specification: String) -> [Action]? {
      var actions: [Action] = []
      for item in specification.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let action = action(named: parts[0], parts[1]) else { return nil }
        actions.append(action)
      }
      return actions
    }

    private static func action(named name: Substring, _ argument: Substring) -> Action? {
      if name == "trace" { return argument.isEmpty ? nil : .trace(path: String(argument)) }
      let numbers = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
      guard let first = numbers.first, let number = first, number > 0 else { return nil }
      switch (name, numbers.count) {
      case ("kill", 1): return .kill(before: Int(number))
      case ("killsync", 1): return .killAtSync(number: Int(number))
      case ("full", 1): return .full(from: Int(number))
      case ("omit", 1): return .omitSync(number: Int(number))
      case ("fail", 2): return numbers[1].map { .fail(at: Int(number), errno: $0) }
      default: return nil
      }
    }
  }
#endif
