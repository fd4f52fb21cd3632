import DurableFiles
public import RegistryModel

extension Registry {
  /// Puts versions in place of what their adapters run: a new generation, on trial unless it needs none.
  ///
  /// Durable when it returns: the link names the new generation, and a power cut doesn't take it back. What is
  /// active already changes nothing.
  /// - Throws: `refused` when a version isn't installed, is damaged or blocked, when `requires` or the gate says
  ///   no, when something was switched meanwhile, or when another generation is active than the one that the caller
  ///   says he saw; the refusal is recorded.
  @discardableResult
  public func activate(
    _ references: [Reference], _ options: ActivationOptions = ActivationOptions()
  ) throws(RegistryError) -> SwitchResult {
    try reporting("activate") {
      let records = try references.map { try resolve($0) }
      let members = records.map { GenerationSet.Member(version: $0.version, digest: $0.digest) }
      guard Set(members.map(\.version.adapter)).count == members.count else {
        throw RegistryError(.usage, "an adapter is named twice", hint: "name one version of each adapter")
      }
      let base = try activeSet()
      let set = base.replacing(with: members)
      return try recordingRefusal(of: set) {
        try Activation(registry: self, kind: .activate, options: options).run(
          set, from: base, changed: records)
      }
    }
  }

  /// Takes an adapter out of the set that runs: a new generation without it.
  @discardableResult
  public func deactivate(
    _ adapter: AdapterName, _ options: ActivationOptions = ActivationOptions()
  ) throws(RegistryError) -> SwitchResult {
    try reporting("deactivate \(adapter.text)") {
      let set = try activeSet()
      guard set[adapter] != nil else {
        throw RegistryError(
          .notFound, "no version of \(adapter.text) is active in \(root)", hint: "see `modelctl active`")
      }
      return try recordingRefusal(of: set.removing(adapter)) {
        try Activation(registry: self, kind: .deactivate, options: options).run(
          set.removing(adapter), from: set, changed: [])
      }
    }
  }

  /// Records a refusal in history and audit where that is possible, and passes it on.
  private func recordingRefusal<T>(of set: GenerationSet, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as RegistryError where error.code == .refused || error.code == .integrity {
      let before = (try? activeSet()) ?? GenerationSet()
      guard before != set else { throw error }  // it was switched, and what failed came after
      let changes = HistoryChange.between(before, set)
      try? indexIfReadable?.write { transaction in
        let subject = changes.map { "\($0.after?.description ?? $0.adapter.text)" }.joined(separator: " ")
        let at = try transaction.audit(
          .refuse, subject.isEmpty ? "active" : subject, reason: error.message, by: caller, at: clock.now())
        try transaction.insertHistory(
          .refused, generation: nil, previous: try generations.activeNumber(), state: .refused,
          reason: error.message, by: caller, at: at, changes: changes)
      }
      throw error
    }
  }
}
