extension Manifest {
  /// The rules of manifest.v1 that types alone do not enforce. Rules about files are in `Manifest+FileRules.swift`.
  package enum Rules {
    static func versionID(adapter: AdapterName, number: Int) throws(RegistryError) -> VersionID {
      do {
        return try VersionID(adapter: adapter, number: number)
      } catch {
        throw broken("number", "is wrong: \(error.message)")
      }
    }

    /// Text for people and programs: not empty, bounded, nothing that hides or rearranges it.
    package static func check(
      text: String, field: String, maximumBytes: Int, allowingNewlines: Bool = false
    ) throws(RegistryError) {
      guard 1...maximumBytes ~= text.utf8.count else {
        throw broken(field, "has \(text.utf8.count) bytes, and 1 to \(maximumBytes) are allowed")
      }
      let isSafe = text.unicodeScalars.allSatisfy { scalar in
        !scalar.isUnsafeInText || allowingNewlines && scalar == "\n"
      }
      guard isSafe else { throw broken(field, "holds a control character: \(text.quoted)") }
    }

    package static func check(note: String?) throws(RegistryError) {
      guard let note else { return }
      try check(text: note, field: "note", maximumBytes: Limits.noteBytes, allowingNewlines: true)
    }

    static func check(base: BaseReference?, of version: VersionID) throws(RegistryError) {
      guard base?.version != version else { throw broken("base", "is the version itself") }
    }

    package static func check(job: JobReference?) throws(RegistryError) {
      guard let job else { return }
      try check(text: job.id, field: "job.id", maximumBytes: Limits.jobTextBytes)
      if let codeVersion = job.codeVersion {
        try check(text: codeVersion, field: "job.code_version", maximumBytes: Limits.jobTextBytes)
      }
      if let seed = job.seed, !(JSONValue.safeIntegers ~= seed) {
        throw broken("job.seed", "is \(seed), and JSON carries only ±(2^53 - 1) exactly")
      }
    }

    static func check(archives: [ArchiveReference]) throws(RegistryError) {
      guard archives.count <= Limits.archives else {
        throw broken("archives", "has more than \(Limits.archives) elements")
      }
      for (earlier, later) in zip(archives, archives.dropFirst()) where earlier.digest >= later.digest {
        let problem = earlier.digest == later.digest ? "occurs twice" : "is not in the order of digests"
        throw broken("archives", "are wrong: \(later.digest) \(problem)")
      }
    }

    package static func check(metrics: [String: Double]) throws(RegistryError) {
      guard metrics.count <= Limits.metrics else {
        throw broken("metrics", "has more than \(Limits.metrics) fields")
      }
      for (key, value) in metrics {
        guard isMetricKey(key) else {
          throw broken("metrics", "has the key \(key.quoted), and [A-Za-z0-9_.:/@-]{1,128} is needed")
        }
        guard value.isFinite else { throw broken("metrics.\(key)", "is \(value), and not a finite number") }
      }
    }

    private static func isMetricKey(_ key: String) -> Bool {
      1...Limits.metricKeyBytes ~= key.utf8.count
        && key.utf8.allSatisfy { byte in
          byte.isASCIILowercase || byte.isASCIIUppercase || byte.isASCIIDigit || "_.:/@-".utf8.contains(byte)
        }
    }

    package static func check(requires: [Requirement]) throws(RegistryError) {
      guard requires.count <= Limits.requires else {
        throw broken("requires", "has more than \(Limits.requires) elements")
      }
      var seen: Set<Requirement> = []
      for requirement in requires where !seen.insert(requirement).inserted {
        throw broken("requires", "has \(requirement.description.quoted) twice")
      }
    }

    static func check(origin: Origin?) throws(RegistryError) {
      guard let origin else { return }
      try check(text: origin.layout, field: "origin.layout", maximumBytes: Limits.labelBytes)
      if let version = origin.version {
        try check(text: version, field: "origin.version", maximumBytes: Limits.labelBytes)
      }
    }

    static func broken(_ field: String, _ problem: String) -> RegistryError {
      RegistryError(
        .integrity, "manifest.\(field) \(problem)", hint: "make the version again with a correct manifest")
    }
  }
}
