import Foundation
import RegistryModel

/// The headers that an event may travel in, by their names in lower case.
struct EventHeaders {
  private let fields: [String: String]

  /// - Throws: `integrity` where one that matters is there twice: two readers would see two events.
  init(_ headers: [(name: String, value: String)]) throws(RegistryError) {
    var fields: [String: String] = [:]
    for header in headers {
      let name = header.name.lowercased()
      guard name.hasPrefix("ce-") || name == "content-type" else { continue }
      guard fields.updateValue(header.value, forKey: name) == nil else {
        throw StorageEvent.malformed("its header \(name.quoted) is there twice")
      }
    }
    self.fields = fields
  }

  subscript(name: String) -> String? { fields[name] }

  /// What the body is, without parameters; nil where nobody says.
  func mediaType() throws(RegistryError) -> String? {
    guard let text = fields["content-type"] else { return nil }
    let type = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    return type.trimmingCharacters(in: .whitespaces).lowercased()
  }
}
