import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct ReadableFileTests {
  private static let sizes = [0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 3]

  private func content(_ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

  private func readAll(_ file: ReadableFile, pieceBytes: Int) throws -> [UInt8] {
    let buffer = ReadableFile.alignedBuffer(byteCount: pieceBytes)
    defer { buffer.deallocate() }
    var bytes: [UInt8] = []
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
    }
  }

  @Test(arguments: sizes, [4096, 1 << 16])
  func `direct reads give the same bytes, from the medium where it can be`(size: Int, pieceBytes: Int) throws
  {
    let directory = try Scratch.directory()
    try put("file", content(size), in: directory)
    let file = try directory.openFile("file", direct: true)
    let promised = file.isDirect
    if try directory.fileSystem() == .ext { #expect(promised) }
    #expect(file.size == Int64(size))
    #expect(try readAll(file, pieceBytes: pieceBytes) == content(size))
    #expect(file.isDirect == promised)
    #expect(try readAll(directory.openFile("file"), pieceBytes: 1000) == content(size))
  }

  @Test func `where direct reads can't be, the bytes come from the cache and it says so`() throws {
    let directory = try Scratch.directory()
    try put("file", content(5000), in: directory)
    try Pretence.$current.withValue(.noDirectReads) {
      let file = try directory.openFile("file", direct: true)
      #expect(!file.isDirect)
      #expect(try readAll(file, pieceBytes: 4096) == content(5000))
    }
  }

  @Test func `an unaligned read of a direct file is honest about the cache`() throws {
    let directory = try Scratch.directory()
    try put("file", content(9000), in: directory)
    let file = try directory.openFile("file", direct: true)
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = try bytes.withUnsafeMutableBytes { try file.read(at: 10, into: $0) }
    #expect(count == 100 && bytes == Array(content(9000)[10..<110]))
    #expect(!file.isDirect)
  }

  @Test func `reads at an offset leave the sequence alone`() throws {
    let directory = try Scratch.directory()
    try put("file", content(10000), in: directory)
    let file = try directory.openFile("file")
    let buffer = ReadableFile.alignedBuffer(byteCount: 4096)
    defer { buffer.deallocate() }
    #expect(try file.read(at: 9000, into: buffer) == 1000)
    #expect(try file.read(at: 10000, into: buffer) == 0)
    #expect(try file.read(at: 99999, into: buffer) == 0)
    #expect(try readAll(file, pieceBytes: 4096) == content(10000))
    #expect(try file.read(into: buffer) == 0)
  }

  @Test func `aligned memory is aligned and holds at least what was asked for`() {
    for size in [0, 1, 4096, 5000] {
      let buffer = ReadableFile.alignedBuffer(byteCount: size)
      defer { buffer.deallocate() }
      #expect(buffer.count >= max(1, size) && buffer.count % 4096 == 0)
      #expect(Int(bitPattern: buffer.baseAddress) % 4096 == 0)
    }
  }
}
