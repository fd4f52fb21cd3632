extension JSONValue {
  /// Reads one JSON document and nothing else.
  ///
  /// Stricter than most readers, because two readers must never see two documents in the same bytes. Refused are:
  /// bytes that are not UTF-8, a byte order mark, anything after the document, lone surrogates and noncharacters in
  /// strings, numbers too large for a double, and duplicate keys. Keys that differ only in Unicode normalisation
  /// are duplicates as well, as Swift's dictionaries cannot tell them apart.
  ///
  /// - Throws: `integrity`; the message names the byte offset, counted from 0.
  public init(
    parsing bytes: some Collection<UInt8>, limits: JSONLimits = .standard
  ) throws(RegistryError) {
    guard bytes.count <= limits.maximumBytes else {
      throw RegistryError(
        .integrity, "the JSON document is longer than \(limits.maximumBytes) bytes (at byte \(bytes.count))",
        hint: "make it smaller")
    }
    var parser = JSONParser(Array(bytes), limits)
    self = try parser.document()
  }
}
