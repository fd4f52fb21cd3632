import CLibCurl

extension Transfer {
  /// Has libcurl call this transfer, which must outlive the call of ``EasyHandle/perform()``.
  func attach(to handle: EasyHandle) throws(HTTPFailure) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.set(CURLOPT_HEADERDATA, context: context)
    try handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let transfer = Transfer.from(context)
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer?.take(header: line) == true ? line.count : 0
    }
    try handle.set(CURLOPT_WRITEDATA, context: context)
    try handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let transfer = Transfer.from(context)
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer?.take(body: piece) == true ? piece.count : Int(UInt32.max)
    }
    try handle.set(CURLOPT_READDATA, context: context)
    try handle.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(context)?.fill(buffer) ?? Int(CURL_READFUNC_ABORT)
    }
    try handle.set(CURLOPT_XFERINFODATA, context: context)
    try handle.set { context, _, _, _, _ in Transfer.from(context)?.isCancelled == false ? 0 : 1 }
    try handle.set(CURLOPT_NOPROGRESS, 0)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
