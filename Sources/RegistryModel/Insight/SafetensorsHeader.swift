/// The header of a safetensors file: what its tensors are called, and where they lie.
///
/// The format (github.com/huggingface/safetensors, "Format"): 8 bytes with the length N of the header, little-endian; N
/// bytes of JSON, an object that begins with `{` and may be padded with spaces; then the data. Each field of the
/// object is a tensor `{"dtype", "shape", "data_offsets": [begin, end]}`, the offsets counted in bytes from the
/// beginning of the data; `__metadata__` may hold a map from text to text. The tensors cover the data without gaps,
/// overlaps or a rest, in any order. A value of this type satisfies all of that.
public struct SafetensorsHeader: Hashable, Sendable {
  /// The bytes before the JSON.
  public static let lengthBytes = 8
  /// The longest header that the format's reference reads.
  public static let formatBytes: UInt64 = 100_000_000
  /// The longest header that is read here: 16 MiB, which hold more than 100,000 tensors.
  public static let maximumBytes = 16 << 20

  /// The tensors, in the order of their bytes.
  public let tensors: [Tensor]
  /// What the author added; text without meaning to the format.
  public let metadata: [String: String]

  /// The length of the JSON, of a file of `fileBytes` that begins with `prefix`.
  ///
  /// - Throws: `integrity` where the file is shorter than it says, or the header longer than a limit.
  public static func length(prefix: some Collection<UInt8>, fileBytes: Int64) throws(RegistryError) -> Int {
    guard prefix.count >= lengthBytes, fileBytes >= lengthBytes else {
      throw malformed("the file ends before the length of its header")
    }
    let length = prefix.prefix(lengthBytes).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= formatBytes else {
      throw malformed("the header would have \(length) bytes, and the format allows \(formatBytes)")
    }
    guard length <= UInt64(fileBytes - Int64(lengthBytes)) else {
      throw malformed("the header would have \(length) bytes, and the file has \(fileBytes)")
    }
    guard length <= UInt64(maximumBytes) else {
      throw malformed("the header has \(length) bytes, and at most \(maximumBytes) are read here")
    }
    return Int(length)
  }

  /// Reads the JSON of a header that `dataBytes` follow.
  ///
  /// - Throws: `integrity` where it breaks a rule of the format; the message says which.
  public init(parsing json: some Collection<UInt8>, dataBytes: Int64) throws(RegistryError) {
    guard json.first == UInt8(ascii: "{") else { throw Self.malformed("the header does not begin with {") }
    var parser = JSONParser(
      Array(json), JSONLimits(maximumBytes: .max, maximumDepth: 2, maximumValues: 1000 + json.count / 4))
    let fields = try parser.safetensors()
    metadata = fields.metadata
    tensors = fields.tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < (
        $1.range.lowerBound, $1.range.upperBound, $1.name
      )
    }
    try Self.check(tensors, cover: dataBytes)
  }

  /// The tensors, sorted by their bytes, cover the data: each begins where the one before it ends.
  private static func check(_ tensors: [Tensor], cover dataBytes: Int64) throws(RegistryError) {
    var end: Int64 = 0
    for tensor in tensors {
      guard tensor.range.upperBound <= dataBytes else {
        throw malformed(
          "the tensor \(tensor.name.quoted) ends at byte \(tensor.range.upperBound) of \(dataBytes)")
      }
      guard tensor.range.lowerBound >= end else {
        throw malformed("the tensor \(tensor.name.quoted) overlaps the one before it")
      }
      guard tensor.range.lowerBound == end else {
        throw malformed("no tensor has the bytes \(end) to \(tensor.range.lowerBound) of the data")
      }
      end = tensor.range.upperBound
    }
    guard end == dataBytes else {
      throw malformed("no tensor has the bytes \(end) to \(dataBytes) of the data")
    }
  }

  static func malformed(_ problem: String) -> RegistryError {
    RegistryError(.integrity, problem, hint: "get the file again from its author")
  }
}
