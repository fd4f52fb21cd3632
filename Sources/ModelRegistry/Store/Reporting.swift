import DurableFiles
import Glibc
import RegistryModel

/// Runs one verb and turns what went wrong below into an error that a person can act on.
///
/// Public verbs go through here, so they throw `RegistryError` and nothing else.
func reporting<T>(
  _ doing: String, unchanged: String = "nothing was changed", _ body: () throws -> T
) throws(RegistryError) -> T {
  do {
    return try body()
  } catch let error as RegistryError {
    throw error
  } catch let error as FileError {
    throw RegistryError(error, doing: doing, unchanged: unchanged)
  } catch {
    throw RegistryError(
      .failed, "can't \(doing): \(error)", unchanged: unchanged, hint: "run `modelctl doctor`")
  }
}

/// Runs what follows the point of no return of a verb: its errors say what stands by then, and not that nothing
/// was changed.
@discardableResult
func afterwards<T>(_ doing: String, standing: String, _ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as RegistryError {
    throw RegistryError(error.code, error.message, unchanged: standing, hint: error.hint)
  } catch let error as FileError {
    throw RegistryError(error, doing: doing, unchanged: standing)
  }
}

extension RegistryError {
  /// What a failed system call means for whoever asked.
  init(_ error: FileError, doing: String, unchanged: String) {
    let what = "can't \(doing): \(error)"
    if error.isNoSpace {
      self.init(
        .noSpace, what, unchanged: unchanged,
        hint: "free some space or run `modelctl gc`; rollback works without space")
    } else if error.isReadOnly {
      self.init(.permission, what, unchanged: unchanged, hint: "mount the file system for writing")
    } else if error.isPermission {
      self.init(.permission, what, unchanged: unchanged, hint: "run as the user that owns the store")
    } else if error.isMissing {
      self.init(.notFound, what, unchanged: unchanged, hint: "check the path, then `modelctl verify`")
    } else if error.isIO {
      self.init(
        .failed, what, unchanged: unchanged,
        hint: "the medium may be failing: check the kernel's log, then `modelctl verify`")
    } else {
      self.init(.failed, what, unchanged: unchanged, hint: "run `modelctl doctor`")
    }
  }
}

extension FileError {
  /// Whether a link or something else stands where a file or folder should be.
  var isWrongKind: Bool { [ELOOP, ENOTDIR, EISDIR, EINVAL].contains(errno) }

  /// Whether the file system can't make a (further) link to this file, so that a copy has to do.
  var isLinkRefusal: Bool { [EMLINK, EPERM, EXDEV, EOPNOTSUPP].contains(errno) }
}
