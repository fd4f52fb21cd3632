/// What kind of file a file of a version is: recognised by its content first and by its name second.
///
/// Raw values are stable and appear in JSON.
public enum FileFormat: String, CaseIterable, Sendable {
  case safetensors, npy, npz, pickle, pytorch, tflite, hef, onnx, other

  /// As many bytes of a file as decide.
  public static let prefixBytes = 32

  /// Whether loading such a file runs code that stands in it, whatever else it holds.
  ///
  /// An npy or npz file does too when it holds objects, which only its header tells.
  public var runsCodeWhenLoaded: Bool { self == .pickle || self == .pytorch }

  /// What a file is that begins with `prefix`, has a name, and has `bytes` bytes in all.
  ///
  /// For a zip this is what the name says: ``init(entries:holdsArrays:name:)`` knows better.
  public init(prefix: [UInt8], name: String, bytes: Int64) {
    let byName = Self(name: name)
    self =
      if prefix.starts(with: NpyHeader.magic) {
        .npy
      } else if Self.isPickle(prefix), byName != .safetensors || !Self.isSafetensors(prefix, bytes) {
        // A safetensors header of 640 bytes begins like a pickle too, and a file may be made to be both. Then its
        // name decides, as it decides who loads it.
        prefix.starts(with: Self.legacyTorch) || byName == .pytorch ? .pytorch : .pickle
      } else if prefix.dropFirst(4).starts(with: "TFL3".utf8) {
        .tflite
      } else if prefix.starts(with: [0x01] + Array("HEF".utf8)) {
        .hef
      } else if Self.isSafetensors(prefix, bytes) {
        .safetensors
      } else {
        byName
      }
  }

  /// What a zip is that has these entries; `holdsArrays` tells whether one of them begins as npy does.
  public init(entries: some Sequence<String>, holdsArrays: Bool, name: String) {
    let byName = Self(name: name)
    let isTorch = entries.contains { $0.split(separator: "/").last == "data.pkl" }
    self =
      if isTorch {
        .pytorch
      } else if byName.runsCodeWhenLoaded {
        byName
      } else {
        holdsArrays || byName == .npz ? .npz : .other
      }
  }

  /// What the ending of a name says.
  public init(name: String) {
    let last = name.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false)
    self =
      switch last?.dropFirst().last?.lowercased() {
      case "safetensors": .safetensors
      case "npy": .npy
      case "npz": .npz
      case "pkl", "pickle", "joblib": .pickle
      case "pt", "pth", "ckpt": .pytorch
      case "tflite": .tflite
      case "hef": .hef
      case "onnx": .onnx
      default: .other
      }
  }

  /// Whether the bytes begin a zip, an empty one included.
  public static func isZip(_ prefix: [UInt8]) -> Bool {
    prefix.starts(with: [0x50, 0x4b, 0x03, 0x04]) || prefix.starts(with: [0x50, 0x4b, 0x05, 0x06])
  }

  /// Pickles of protocol 2 and later begin with the opcode PROTO and the protocol; earlier ones with anything.
  private static func isPickle(_ prefix: [UInt8]) -> Bool {
    prefix.count >= 2 && prefix[0] == 0x80 && 2...5 ~= prefix[1]
  }

  /// PyTorch before its zips wrote a pickle of this number first.
  private static let legacyTorch: [UInt8] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  private static func isSafetensors(_ prefix: [UInt8], _ bytes: Int64) -> Bool {
    guard prefix.count > SafetensorsHeader.lengthBytes else { return false }
    return prefix[SafetensorsHeader.lengthBytes] == UInt8(ascii: "{")
      && (try? SafetensorsHeader.length(prefix: prefix, fileBytes: bytes)) != nil
  }
}
