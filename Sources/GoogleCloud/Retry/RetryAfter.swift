package import RegistryModel

/// The header `Retry-After`, RFC 9110 §10.2.3: seconds, or a date.
package enum RetryAfter {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// How long the server asks to wait; nil where it says nothing that can be understood.
  package static func delay(_ value: String?, now: Timestamp) -> Duration? {
    guard let value = value?.trimmedASCII, !value.isEmpty else { return nil }
    if value.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
      return Int64(value).map { .seconds(min($0, 86_400)) }
    }
    guard let date = date(value) else { return nil }
    return .milliseconds(min(max(0, date.milliseconds - now.milliseconds), 86_400_000))
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that is sent today.
  private static func date(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", parts[1].utf8.count == 2, parts[3].utf8.count == 4,
      let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    return try? Timestamp(parsing: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }
}
