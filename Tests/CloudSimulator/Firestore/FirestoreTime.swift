import RegistryModel

/// Times as Firestore keeps them: microseconds, what is finer is cut off.
enum FirestoreTime {
  /// Nil for anything but RFC 3339 in UTC from 1970 on.
  static func microseconds(_ text: String) -> Int64? {
    guard let time = try? Timestamp(parsing: text) else { return nil }
    let fraction = text.split(separator: ".").dropFirst().first?.dropLast() ?? ""
    let digits = (fraction + "000000").dropFirst(3).prefix(3)
    return Int64(digits).map { time.milliseconds * 1000 + $0 }
  }

  /// With none, three or six digits of fraction, as few as say it.
  static func text(_ microseconds: Int64) -> String {
    let milliseconds = Timestamp(milliseconds: microseconds / 1000).description
    let fine = microseconds % 1000
    if fine > 0 {
      let digits = "\(fine)"
      return milliseconds.dropLast() + String(repeating: "0", count: 3 - digits.utf8.count) + digits + "Z"
    }
    return milliseconds.hasSuffix(".000Z") ? milliseconds.dropLast(5) + "Z" : milliseconds
  }
}
