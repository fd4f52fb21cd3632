/// What one file of an episode must look like, checked as its bytes pass.
public struct EpisodeFile: Sendable {
  private enum Content: Sendable {
    /// One object: the whole episode, with its steps, or what is said of one whose steps lie beside.
    case document(JSONScanner, isEpisode: Bool)
    /// One object a line: a step each.
    case steps(JSONScanner)
    /// An array of NumPy, as far as its header was seen.
    case array(prefix: [UInt8])
    case anything
  }

  private var content: Content

  /// - Parameter path: within the episode; empty where the episode is this one file.
  public init(path: String) {
    if path.isEmpty || path == "metadata.json" || path == "episode.json" {
      content = .document(JSONScanner(watching: ["metadata", "steps"]), isEpisode: path.isEmpty)
    } else if path.hasPrefix("steps/"), path.hasSuffix(".jsonl") {
      content = .steps(JSONScanner(lines: true))
    } else if path.hasSuffix(".npy") {
      content = .array(prefix: [])
    } else {
      content = .anything
    }
  }

  /// - Throws: `integrity` for bytes that no such file has.
  public mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RegistryError) {
    switch content {
    case .document(var scanner, let isEpisode):
      content = .anything  // so that the scanner isn't copied
      try scanner.feed(bytes)
      content = .document(scanner, isEpisode: isEpisode)
    case .steps(var scanner):
      content = .anything
      try scanner.feed(bytes)
      content = .steps(scanner)
    case .array(var prefix):
      let room = NpyHeader.maximumBytes + NpyHeader.prefixBytes - prefix.count
      guard room > 0 else { return }
      content = .anything
      prefix += bytes.prefix(room)
      content = .array(prefix: prefix)
    case .anything: break
    }
  }

  /// Ends the file.
  /// - Parameter bytes: how many it had.
  /// - Returns: the steps that it holds, and whether it says anything about the episode.
  /// - Throws: `integrity` for a file that ends too early, or is another than its name says.
  public consuming func finish(bytes: Int64) throws(RegistryError) -> (steps: Int64, hasMetadata: Bool) {
    switch content {
    case .document(var scanner, let isEpisode):
      try scanner.finish()
      guard scanner.objects == 1 else { throw Self.problem("it is no object") }
      let (metadata, steps) = (scanner.found["metadata"], scanner.found["steps"])
      // In what is said of a folder both may be anything: how many steps there are, for instance.
      guard isEpisode || steps?.kind == .array else { return (0, true) }
      if let metadata, metadata.kind != .object { throw Self.problem("its metadata is no object") }
      guard let steps else { return (0, metadata != nil) }
      guard steps.kind == .array, steps.objects == steps.count else {
        throw Self.problem("its steps are no array of objects")
      }
      return (Int64(steps.count), metadata != nil)
    case .steps(var scanner):
      try scanner.finish()
      guard scanner.objects == scanner.documents else { throw Self.problem("a line is no object") }
      return (Int64(scanner.documents), false)
    case .array(let prefix):
      let header = try NpyHeader(parsing: prefix)
      if let data = header.dataBytes, Int64(header.headerBytes) + data != bytes {
        throw Self.problem("it has \(bytes) bytes, and its header says \(Int64(header.headerBytes) + data)")
      }
      return (0, false)
    case .anything: return (0, false)
    }
  }

  private static func problem(_ what: String) -> RegistryError {
    RegistryError(.integrity, what, hint: "record it again, or correct it")
  }
}
