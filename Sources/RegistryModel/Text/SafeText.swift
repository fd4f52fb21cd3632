extension Unicode.Scalar {
  /// Whether a scalar may hide or rearrange what a reader sees, or may not be exchanged at all.
  ///
  /// These are C0, DEL and C1 controls, the line and paragraph separators, the bidirectional controls, and
  /// Unicode's noncharacters (which I-JSON, RFC 7493 §2.1, forbids).
  package var isUnsafeInText: Bool {
    switch value {
    case 0x00...0x1f, 0x7f...0x9f: true
    case 0x2028, 0x2029: true
    case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
    default: isNoncharacter
    }
  }

  /// Whether Unicode reserves this code point for internal use: U+FDD0…U+FDEF and the last two of each plane.
  package var isNoncharacter: Bool {
    0xfdd0...0xfdef ~= value || value & 0xfffe == 0xfffe
  }
}

extension StringProtocol {
  /// The text on one line and without scalars that could act on a terminal, which become `\u{…}`.
  package var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isUnsafeInText {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text between double quotes, safe to print on a terminal and in a log.
  ///
  /// Unsafe scalars become `\u{…}`, and at most 120 scalars are shown, as the text may be hostile and huge.
  package var quoted: String {
    var result = "\""
    var shown = 0
    for scalar in unicodeScalars {
      if shown == 120 {
        result += "…"
        break
      }
      shown += 1
      if scalar == "\"" || scalar == "\\" {
        result += "\\"
        result.unicodeScalars.append(scalar)
      } else if scalar.isUnsafeInText {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension String {
  /// The text as a document may hold it: unsafe scalars become U+FFFD, and what exceeds the limit is cut off.
  ///
  /// For what people type and nobody should be refused for. Applied again it changes nothing.
  package func storable(maximumBytes: Int, keepingNewlines: Bool) -> String {
    var result = ""
    var bytes = 0
    for scalar in unicodeScalars {
      let isSafe = !scalar.isUnsafeInText || (keepingNewlines && scalar == "\n")
      let kept = isSafe ? scalar : "\u{fffd}"
      bytes += UTF8.width(kept)
      guard bytes <= maximumBytes else { break }
      result.unicodeScalars.append(kept)
    }
    return result
  }
}
