import RegistryModel

extension Registry {
  /// The version that a reference means now.
  ///
  /// - Throws: `notFound` naming this store; `usage` where a digest's beginning is ambiguous.
  func resolve(_ reference: Reference) throws -> VersionRecord {
    switch reference {
    case .version(let version):
      return try known(version, reference)
    case .digest(let prefix, let adapter):
      let matches = try index().read { try $0.versions(matching: prefix, adapter: adapter) }
      guard let match = matches.first else { throw missing(reference) }
      guard matches.count == 1 else {
        throw RegistryError(
          .usage, "\(reference) is ambiguous: \(matches.map(\.version.description).joined(separator: ", "))",
          hint: "give more digits")
      }
      return match
    case .channel(let adapter, let channel):
      let digest = try index().read { try $0.channel(adapter, channel)?.digest }
      guard let digest, let record = try index().read({ try $0.version(digest: digest) }) else {
        throw RegistryError(
          .notFound, "no channel \(channel.text.quoted) of \(adapter.text) is set in \(root)",
          hint: "see `modelctl channel list`, name the version, or use @active, @latest or @previous")
      }
      return record
    case .origin(let adapter, let name):
      guard let record = try imported(adapter, name) else { throw missing(reference) }
      return record
    case .alias(let adapter, .latest):
      guard let record = try index().read({ try $0.latestVersion(of: adapter) }) else {
        throw missing(reference)
      }
      return record
    case .alias(let adapter, .active):
      guard let member = try activeSet()[adapter] else {
        throw RegistryError(
          .notFound, "no version of \(adapter.text) is active in \(root)", hint: "activate one first")
      }
      return try known(member.version, reference)
    case .alias(let adapter, .previous):
      guard let version = try index().read({ try $0.versionBeforeLastSwitch(of: adapter) }) else {
        throw RegistryError(
          .notFound, "nothing of \(adapter.text) ran before what runs now in \(root)",
          hint: "see `modelctl history \(adapter.text)`")
      }
      return try known(version, reference)
    }
  }

  /// The version that was called so where it came from, with or without a `v` before it.
  private func imported(_ adapter: AdapterName, _ name: String) throws -> VersionRecord? {
    let other = name.afterPrefix("v") ?? "v\(name)"
    return try index().read { transaction in
      if let record = try transaction.version(of: adapter, origin: name) { return record }
      return try transaction.version(of: adapter, origin: other)
    }
  }

  private func known(_ version: VersionID, _ reference: Reference) throws -> VersionRecord {
    guard let record = try index().read({ try $0.version(version) }) else { throw missing(reference) }
    return record
  }

  private func missing(_ reference: Reference) -> RegistryError {
    RegistryError(
      .notFound, "\(reference) is not known in the store \(root)",
      hint: "see `modelctl list`, or name another store with --root")
  }

  /// The set that the link names; empty when there is no link.
  func activeSet() throws -> GenerationSet {
    guard let number = try generations.activeNumber() else { return GenerationSet() }
    guard number != GenerationStore.nowhere else {
      throw RegistryError(
        .integrity, "\(root)/active names no generation",
        hint: "`modelctl rollback` returns to the last good one")
    }
    return try generations.record(number).set
  }
}
