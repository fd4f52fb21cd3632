import Foundation

/// An archive that is made byte by byte, so that it can be as wrong as a test needs it.
public struct MadeArchive: Sendable {
  /// One entry; what it doesn't say is as any program writes it.
  public struct Entry: Sendable {
    public var name: [UInt8]
    public var bytes: [UInt8]
    /// The type flag of tar: `0` a file, `1` a hard link, `2` a link, `3` a device, `5` a folder, `6` a pipe.
    public var kind: Character
    public var target: String
    /// The bits of a zip's general purpose flag.
    public var flags: UInt16
    /// Whether the checksum of a zip's entry is another than that of its bytes.
    public var isBad: Bool

    public init(
      _ name: String, _ bytes: [UInt8] = [], kind: Character = "0", target: String = "",
      flags: UInt16 = 0x800,
      isBad: Bool = false
    ) {
      self.name = Array(name.utf8)
      self.bytes = bytes
      self.kind = kind
      self.target = target
      self.flags = flags
      self.isBad = isBad
    }

    public init(raw name: [UInt8], _ bytes: [UInt8] = [], flags: UInt16 = 0) {
      self.init("", bytes, flags: flags)
      self.name = name
    }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  /// A POSIX tar.
  public var tar: [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: [UInt8], _ offset: Int) {
        header.replaceSubrange(offset..<offset + text.count, with: text)
      }
      func octal(_ value: Int, _ width: Int) -> [UInt8] {
        let digits = String(value, radix: 8)
        return Array((String(repeating: "0", count: width - 1 - digits.utf8.count) + digits).utf8)
      }
      put(Array(entry.name.prefix(100)), 0)
      put(octal(entry.kind == "5" ? 0o755 : 0o644, 8), 100)
      put(octal(0, 8), 108)
      put(octal(0, 8), 116)
      put(octal(entry.bytes.count, 12), 124)
      put(octal(0, 12), 136)
      put(Array("        ".utf8), 148)
      put(Array(String(entry.kind).utf8), 156)
      put(Array(entry.target.utf8), 157)
      put(Array("ustar\u{0}00".utf8), 257)
      put(octal(header.reduce(0) { $0 + Int($1) }, 7), 148)
      bytes += header + entry.bytes
      bytes += [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
    }
    return bytes + [UInt8](repeating: 0, count: 1024)
  }

  /// A zip of stored entries; links as Unix writes them.
  public var zip: [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xff) } }
    for entry in entries {
      let sum = Int(Self.crc(entry.bytes)) ^ (entry.isBad ? 1 : 0)
      let common =
        little(Int(entry.flags), 2) + little(0, 2) + little(0, 4) + little(sum, 4)
        + little(entry.bytes.count, 4) + little(entry.bytes.count, 4) + little(entry.name.count, 2)
        + little(0, 2)
      let mode = entry.kind == "2" ? 0o120777 : entry.kind == "5" ? 0o040755 : 0o100644
      directory +=
        Array("PK\u{1}\u{2}".utf8) + little(0x031e, 2) + little(20, 2) + common + little(0, 2) + little(0, 2)
        + little(0, 2) + little(mode << 16, 4) + little(bytes.count, 4) + entry.name
      bytes += Array("PK\u{3}\u{4}".utf8) + little(20, 2) + common + entry.name + entry.bytes
    }
    return bytes + directory + Array("PK\u{5}\u{6}".utf8) + little(0, 4) + little(entries.count, 2)
      + little(entries.count, 2) + little(directory.count, 4) + little(bytes.count, 4) + little(0, 2)
  }

  /// A file's bytes through gzip.
  public static func gzipped(_ bytes: [UInt8], in scratch: Scratch) throws -> [UInt8] {
    let name = "\(UUID().uuidString).plain"
    let path = try scratch.write(name, bytes)
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-9", path]
    try gzip.run()
    gzip.waitUntilExit()
    return try Array(Data(contentsOf: URL(filePath: "\(path).gz")))
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }
}
