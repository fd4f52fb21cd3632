import DurableFiles
import RegistryModel

/// What the entries of a zip are called, and the arrays among them.
///
/// Of each entry only the header of npy is unpacked, whether the entry is compressed or not, and the rest is skipped.
struct ZipInsight {
  /// Enough of the file for an entry's headers; larger reads would be thrown away between entries.
  static let blockBytes = 64 << 10

  /// Without the ending of arrays, as they must be told apart without it.
  private(set) var names: Set<String> = []
  private(set) var tensors: [Tensor] = []
  private(set) var holdsArrays = false
  /// Whether an array has objects, or a header that can't be read.
  private(set) var mayHoldObjects = false
  /// Whether an entry is named as pickles are.
  private(set) var holdsPickles = false
  /// The first thing that is wrong with an array.
  private(set) var problem: String?

  /// Reads on to the end. Of tensors that there is no room for one is kept, to tell that there were more.
  ///
  /// - Throws: `integrity` where the zip is damaged; what was found before that stays.
  mutating func read(_ file: ReadableFile, room: Int) throws {
    let zip = try ArchiveStream(file, blockBytes: Self.blockBytes)
    let buffer = ReadableFile.alignedBuffer(byteCount: NpyHeader.prefixBytes + NpyHeader.maximumBytes)
    defer { buffer.deallocate() }
    while let entry = try zip.next() {
      guard entry.kind == .file else { continue }
      guard names.count < Tensor.Limits.entries else { throw Self.malformed("it has too many entries") }
      guard names.insert(InsightReader.arrayName(entry.name)).inserted else {
        throw Self.malformed("it has the entry \(entry.name.quoted) twice")
      }
      holdsPickles = holdsPickles || FileFormat(name: entry.name).runsCodeWhenLoaded
      do {
        if let tensor = try array(entry, zip, buffer), tensors.count <= room { tensors.append(tensor) }
      } catch {
        if problem == nil { problem = "\(entry.name.quoted): \(error.message)" }
      }
    }
  }

  /// The array that an entry holds; nil where it holds something else.
  private mutating func array(
    _ entry: ArchiveStream.Entry, _ zip: ArchiveStream, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(RegistryError) -> Tensor? {
    let prefixBytes = NpyHeader.prefixBytes
    let prefix = Array(buffer[..<(try zip.fill(buffer, to: prefixBytes))])
    guard prefix.starts(with: NpyHeader.magic) else { return nil }
    holdsArrays = true
    let objectsBefore = mayHoldObjects
    mayHoldObjects = true
    let length = try NpyHeader.length(prefix: prefix)
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...])
    let filled = prefix.count + (length > prefix.count ? try zip.fill(rest, to: length - prefix.count) : 0)
    let header = try NpyHeader(parsing: Array(buffer[..<min(filled, length)]))
    mayHoldObjects = objectsBefore || header.holdsObjects
    guard let bytes = entry.declaredBytes else { throw Self.malformed("its size is not known beforehand") }
    return try header.tensor(InsightReader.arrayName(entry.name), fileBytes: bytes)
  }

  private static func malformed(_ problem: String) -> RegistryError {
    RegistryError(.integrity, problem, hint: "get the file again from its author")
  }
}

extension ArchiveStream {
  /// Reads on in the entry until so many bytes are in the buffer; fewer only where the entry ends.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, to count: Int) throws(RegistryError) -> Int {
    var filled = 0
    while filled < count {
      let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<count]))
      if more == 0 { break }
      filled += more
    }
    return filled
  }
}
