import Glibc
import RegistryModel

/// Has libarchive take names for text in UTF-8, whatever the caller's environment says.
final class TextLocale {
  private let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

  deinit { if let locale { freelocale(locale) } }

  func use<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
    guard let locale else { return try body() }
    let before = uselocale(locale)
    defer { uselocale(before) }
    return try body()
  }
}
