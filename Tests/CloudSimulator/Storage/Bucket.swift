import RegistryModel

/// A bucket and its live objects, which can be walked in the order of their names.
struct Bucket {
  let name: String
  let createdMicroseconds: Int64
  private var objects: [ObjectName: StoredObject] = [:]
  private(set) var names: [ObjectName] = []
  /// Where changes are announced, by the configuration's number.
  var notifications: [Int: JSONValue] = [:]

  init(name: String, createdMicroseconds: Int64) {
    self.name = name
    self.createdMicroseconds = createdMicroseconds
  }

  subscript(_ name: ObjectName) -> StoredObject? {
    get { objects[name] }
    set {
      let had = objects[name] != nil
      objects[name] = newValue
      let index = firstIndex { $0 >= name }
      if had, newValue == nil { names.remove(at: index) }
      if !had, newValue != nil { names.insert(name, at: index) }
    }
  }

  var isEmpty: Bool { objects.isEmpty }

  /// The first index whose name passes, in names that first fail and then pass.
  func firstIndex(where passes: (ObjectName) -> Bool) -> Int {
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      if passes(names[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  static func isValid(name: String) -> Bool {
    (3...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  func resource(_ baseURL: String) -> JSONValue {
    let created = JSONValue.string(DateText.rfc3339(createdMicroseconds))
    return [
      "kind": "storage#bucket", "id": .string(name), "name": .string(name),
      "selfLink": "\(baseURL)/storage/v1/b/\(name)", "projectNumber": "1", "metageneration": "1",
      "location": "US", "locationType": "multi-region", "storageClass": "STANDARD", "etag": "CAE=",
      "timeCreated": created, "updated": created,
      "iamConfiguration": ["uniformBucketLevelAccess": ["enabled": true]],
    ]
  }
}
