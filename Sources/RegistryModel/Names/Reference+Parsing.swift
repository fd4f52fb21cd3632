extension Reference {
  /// Reads any of the forms that people write.
  ///
  /// | form | meaning |
  /// |---|---|
  /// | `A_v4`, `A:v4`, `A:4`, `adapters/A_v4`, `models:/A/4` | that version |
  /// | `A@stable`, `models:/A@stable` | the version that the channel names |
  /// | `A@active`, `A@latest`, `A@previous` | an alias |
  /// | `A@sha256:HEX`, `sha256:HEX` | by manifest digest, 12 to 64 lower-case digits |
  /// | `A/v1.0.0` | what the version was called where it was imported from |
  ///
  /// Numbers are `[1-9][0-9]{0,8}`. What starts with `sha256:` is always a digest.
  ///
  /// - Throws: `usage` for every other text; a bare adapter gets a hint that names what it lacks.
  public init(parsing text: String) throws(RegistryError) {
    if let version = text.afterPrefix("adapters/") {
      self = .version(try VersionID(parsing: version))
    } else if let model = text.afterPrefix("models:/") {
      try self.init(model: model)
    } else if text.afterPrefix(Digest.prefix) != nil {
      self = .digest(try DigestPrefix(parsing: text), adapter: nil)
    } else if let (adapter, name) = text.splitOnce(at: UInt8(ascii: "@")) {
      try self.init(adapter: AdapterName(parsing: adapter), name: name)
    } else if let (adapter, number) = text.splitOnce(at: UInt8(ascii: ":")) {
      try self.init(adapter: adapter, number: number.afterPrefix("v") ?? number)
    } else if let (adapter, name) = text.splitOnce(at: UInt8(ascii: "/")) {
      try self.init(adapter: AdapterName(parsing: adapter), origin: name)
    } else if (try? AdapterName(parsing: text)) != nil {
      throw RegistryError(
        .usage, "\(text) names an adapter, and a version is needed",
        hint: "say which one: \(text)_v1, \(text)@active or \(text)@latest")
    } else {
      self = .version(try VersionID(parsing: text))
    }
  }

  /// What follows `models:/`, as MLflow users write it: `A/4` or `A@stable`.
  private init(model: String) throws(RegistryError) {
    if let (adapter, name) = model.splitOnce(at: UInt8(ascii: "@")) {
      try self.init(adapter: AdapterName(parsing: adapter), name: name)
    } else if let (adapter, number) = model.splitOnce(at: UInt8(ascii: "/")) {
      try self.init(adapter: adapter, number: number)
    } else {
      throw RegistryError(
        .usage, "\("models:/\(model)".quoted) names no version",
        hint: "write it like models:/robot_001/4 or models:/robot_001@stable")
    }
  }

  private init(adapter: String, number: String) throws(RegistryError) {
    self = .version(
      try VersionID(adapter: AdapterName(parsing: adapter), number: VersionID.number(parsing: number)))
  }

  /// What follows a slash: a name from elsewhere, as numbers have another form here.
  private init(adapter: AdapterName, origin name: String) throws(RegistryError) {
    if let number = try? VersionID.number(parsing: name.afterPrefix("v") ?? name) {
      throw RegistryError(
        .usage, "\("\(adapter)/\(name)".quoted) is no reference", hint: "write \(adapter)_v\(number)")
    }
    guard ForeignVersion.isName(name) else {
      throw RegistryError(
        .usage, "\(name.quoted) is no name of an imported version", hint: "write it like \(adapter)/v1.0.0")
    }
    self = .origin(adapter, name)
  }

  /// What follows `@`: an alias, a digest or a channel, in this order, as channels may not take the other names.
  private init(adapter: AdapterName, name: String) throws(RegistryError) {
    if let alias = Alias(rawValue: name) {
      self = .alias(adapter, alias)
    } else if name.afterPrefix(Digest.prefix) != nil {
      self = .digest(try DigestPrefix(parsing: name), adapter: adapter)
    } else {
      self = .channel(adapter, try ChannelName(parsing: name))
    }
  }
}
