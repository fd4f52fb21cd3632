import NIOCore

/// An answer on its way out, with what goes wrong with it.
struct Delivery {
  enum End {
    /// The connection may be used again.
    case keepAlive
    case close
    /// Nothing more is sent, and the connection stays open.
    case stall
  }

  static let chunkBytes: Int64 = 256 * 1024

  let reply: Reply
  let record: Int
  var position: Int64 = 0
  var limit: Int64
  var declaredBytes: Int64?
  var end: End
  /// Whether the client asked for the connection to be closed, and is told that it will be.
  let announcesClose: Bool
  var corruptAt: Int64?
  var isEndless = false

  /// - Parameter hasBody: false for an answer to HEAD, which announces a length and has no body.
  init(_ reply: Reply, record: Int, hasBody: Bool, keepsAlive: Bool, fault: Fault.Action?) {
    self.reply = reply
    self.record = record
    let whole = reply.bodyBytes
    limit = hasBody ? whole : 0
    declaredBytes = whole
    end = keepsAlive ? .keepAlive : .close
    announcesClose = !keepsAlive
    guard hasBody else { return }
    switch fault {
    case .closeResponse(let count):
      limit = min(count, whole)
      end = .close
    case .stallResponse(let count):
      limit = min(count, whole)
      end = .stall
    case .corruptResponse(let offset): corruptAt = offset
    case .wrongLength(let difference):
      declaredBytes = max(0, whole + difference)
      end = .close
    case .endlessBody:
      declaredBytes = nil
      limit = .max
      isEndless = true
    default: break
    }
  }

  var isFinished: Bool { position >= limit }

  /// Whether less than the answer's body was sent.
  var isCut: Bool { limit < reply.bodyBytes }

  /// The next bytes, nil where stored ones can't be read.
  mutating func next(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
    let count = min(Self.chunkBytes, limit - position)
    var buffer = allocator.buffer(capacity: Int(count))
    if isEndless {
      buffer.writeRepeatingByte(UInt8(ascii: " "), count: Int(count))
    } else {
      switch reply.body {
      case .bytes(let bytes): buffer.writeBytes(bytes[Int(position)..<Int(position + count)])
      case .stored(let store, let range):
        let offset = range.lowerBound + position
        let written = try? buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(count)) { space in
          try store.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: space[..<Int(count)]))
          return Int(count)
        }
        guard written != nil else { return nil }
      }
    }
    if let corruptAt, (position..<(position + count)).contains(corruptAt) {
      let index = buffer.readerIndex + Int(corruptAt - position)
      if let byte: UInt8 = buffer.getInteger(at: index) { buffer.setInteger(byte ^ 0xff, at: index) }
    }
    position += count
    return buffer
  }
}
