import DurableFiles
import RegistryModel

/// Reads the headers of files of weights, and nothing else of them.
///
/// Reads blobs by digest and never a tree. Nothing is executed, unpickled or mapped. What a header says is checked
/// against the file's size, and whatever is wrong with a file is its ``FileInsight/problem``: never an error.
/// Memory: one header of at most 16 MiB, one buffer of a zip, and the tensors, which ``Tensor/Limits`` bounds.
struct InsightReader {
  private let blobs: BlobStore
  /// How many more tensors are taken.
  private var room: Int

  init(_ blobs: BlobStore, tensors: Int = Tensor.Limits.tensors) {
    self.blobs = blobs
    room = tensors
  }

  mutating func insight(_ file: Manifest.File) -> FileInsight {
    var insight = FileInsight(file.path, FileFormat(name: file.path.text))
    do {
      try read(blobs.open(file.digest), file, into: &insight)
    } catch let error as FileError where error.isMissing {
      insight.problem = "its bytes are not here"
    } catch let error as FileError {
      insight.problem = "it can't be read: \(error)"
    } catch {
      insight.problem = (error as? RegistryError)?.message ?? "\(error)"
    }
    room -= insight.tensors.count
    return insight
  }

  private func read(_ open: ReadableFile, _ file: Manifest.File, into insight: inout FileInsight) throws {
    let prefix = try open.bytes(at: 0, count: FileFormat.prefixBytes)
    if FileFormat.isZip(prefix) {
      try readZip(open, into: &insight)
      return
    }
    insight.format = FileFormat(prefix: prefix, name: file.path.text, bytes: open.size)
    insight.runsCode = insight.format.runsCodeWhenLoaded
    switch insight.format {
    case .safetensors: take(try Self.safetensors(open, prefix), into: &insight)
    case .npy: try readArray(open, file.path, into: &insight)
    case .npz: throw RegistryError(.integrity, "it is no zip", hint: "get the file again from its author")
    case .pickle, .pytorch, .tflite, .hef, .onnx, .other: break
    }
  }

  private static func safetensors(_ file: ReadableFile, _ prefix: [UInt8]) throws -> [Tensor] {
    let length = try SafetensorsHeader.length(prefix: prefix, fileBytes: file.size)
    let start = Int64(SafetensorsHeader.lengthBytes)
    let header = try SafetensorsHeader(
      parsing: file.bytes(at: start, count: length), dataBytes: file.size - start - Int64(length))
    return header.tensors
  }

  private func readArray(_ file: ReadableFile, _ path: RelativePath, into insight: inout FileInsight) throws {
    let prefix = try file.bytes(at: 0, count: NpyHeader.prefixBytes)
    // Until the header says that there are no objects.
    insight.runsCode = prefix.starts(with: NpyHeader.magic)
    let length = try NpyHeader.length(prefix: prefix)
    let header = try NpyHeader(parsing: file.bytes(at: 0, count: length))
    insight.runsCode = header.holdsObjects
    let name = path.components.last.map { Self.arrayName($0) } ?? ""
    take([try header.tensor(name, fileBytes: file.size)], into: &insight)
  }

  private func readZip(_ file: ReadableFile, into insight: inout FileInsight) throws {
    var zip = ZipInsight()
    var isWhole = false
    defer {
      insight.format = FileFormat(entries: zip.names, holdsArrays: zip.holdsArrays, name: insight.path.text)
      insight.runsCode =
        insight.format.runsCodeWhenLoaded || zip.mayHoldObjects || !isWhole
        || (insight.format == .other && zip.holdsPickles)
      // The arrays that may lie in somebody else's zip are none of its author's tensors.
      if insight.format == .npz {
        insight.problem = zip.problem
        take(zip.tensors, into: &insight)
      }
    }
    try zip.read(file, room: room)
    isWhole = true
  }

  private func take(_ tensors: [Tensor], into insight: inout FileInsight) {
    insight.tensors = Array(tensors.prefix(room))
    guard tensors.count > room else { return }
    insight.problem = "the version has more than \(Tensor.Limits.tensors) tensors; the rest is not shown"
  }

  /// NumPy names the arrays of npz for their entries, without the ending.
  static func arrayName(_ entry: String) -> String {
    entry.utf8.count > 4 && entry.hasSuffix(".npy") ? String(entry.dropLast(4)) : entry
  }
}

extension NpyHeader {
  /// The array that this header describes, of a file or an entry of `fileBytes`, its header included.
  ///
  /// - Throws: `integrity` where the elements do not fill the rest. Objects are taken to fill it.
  func tensor(_ name: String, fileBytes: Int64) throws(RegistryError) -> Tensor {
    let rest = fileBytes - Int64(headerBytes)
    guard rest >= 0, rest == dataBytes ?? rest else {
      throw RegistryError(
        .integrity,
        "\(name.quoted) has \(rest) bytes of elements, and its dtype and shape make \(dataBytes ?? 0)",
        hint: "get the file again from its author")
    }
    return Tensor(name: name, dtype: dtype, shape: shape, range: 0..<rest, isColumnMajor: isColumnMajor)
  }
}

extension ReadableFile {
  /// Up to `count` bytes from an offset on; fewer only where the file ends.
  func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, min(count, Int(max(0, size - offset)))))
    let filled = try bytes.withUnsafeMutableBytes { try fill($0, from: offset) }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Fills the buffer from an offset on; the number of bytes is less than its size only where the file ends.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int64) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = try read(
        at: offset + Int64(filled), into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}
