public import RegistryModel

extension Registry {
  /// Protects a version from uninstall and gc; durable when it returns. Pinning twice is fine.
  @discardableResult
  public func pin(_ reference: Reference) throws(RegistryError) -> VersionID {
    try reporting("pin \(reference)") {
      let record = try resolve(reference)
      if try marks.pin(record.version, at: clock.now(), by: caller) {
        try afterwards("record the pin", standing: "\(record.version) is pinned") {
          try index().write { try $0.audit(.pin, record.version.description, by: caller, at: clock.now()) }
        }
      }
      return record.version
    }
  }

  /// Takes the protection away; fine where there was none.
  @discardableResult
  public func unpin(_ reference: Reference) throws(RegistryError) -> VersionID {
    try reporting("unpin \(reference)") {
      let record = try resolve(reference)
      if try marks.unpin(record.version) {
        try afterwards("record the unpin", standing: "\(record.version) is not pinned any more") {
          try index().write { try $0.audit(.unpin, record.version.description, by: caller, at: clock.now()) }
        }
      }
      return record.version
    }
  }

  /// The pinned versions, by name.
  public func pins() throws(RegistryError) -> [VersionID] {
    try reporting("read the pins") { try marks.pins().sorted() }
  }
}
