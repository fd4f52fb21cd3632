public import RegistryModel

extension Registry {
  /// Reads everything, or one version, from the medium and compares it with its digests.
  ///
  /// Every blob is read. A tree entry that has an inode of its own (reflink, copy) is read where its stamp doesn't
  /// hold, and in any case with `full`. What is bad is recorded (opened for writing), so that no version of it is
  /// activated; what was bad and is good again is recorded too. Memory: one buffer.
  /// - Parameters:
  ///   - reference: one version; nil: everything.
  ///   - full: read also tree entries whose stamp holds.
  ///   - repair: put good bytes in place of bad ones, from a copy on this machine or the remote.
  ///   - progress: told how far the reading has come.
  /// - Returns: what is damaged (still, after a repair); damage is a result, not an error.
  public func verify(
    _ reference: Reference? = nil, full: Bool = false, repair: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> VerifyResult {
    try reporting("verify", unchanged: "no byte of a version was changed") {
      let index = try index()
      let meter = ProgressMeter(progress)
      var check = Verification(registry: self, index: index, meter: meter)
      if let reference {
        let record = try resolve(reference)
        try check.version(record, full: full)
      } else {
        try check.everything(full: full)
      }
      try check.dropChanged()
      try check.record()
      guard repair else { return check.result }
      var result = check.result
      let repair = try Repair(registry: self, index: index, meter: meter).run(result.damaged)
      (result.damaged, result.repaired) = (repair.remaining, repair.repaired)
      result.warnings += repair.warnings
      return result
    }
  }
}
