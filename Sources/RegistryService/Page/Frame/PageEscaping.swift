import Mustache
import RegistryModel

/// How every value gets into a page: as text, whatever it holds.
///
/// The engine's own escaping looks at characters. A quotation mark with a combining mark behind it is another character
/// to Swift and the same quotation mark to a browser, so this one looks at scalars. What could hide or rearrange text is
/// shown as `\u{…}`.
struct PageEscaping: MustacheContentType {
  static let name = "PAGE"

  func escapeText(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case let scalar where scalar.isUnsafeInText:
        escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
