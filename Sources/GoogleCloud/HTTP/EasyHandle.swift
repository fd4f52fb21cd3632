import CLibCurl

/// A handle of libcurl, with the connections that it keeps open.
///
/// `@unchecked Sendable`: a handle is with one thread at a time, which took it out of ``HTTPClient``'s pool and puts it
/// back when its transfer is over; the pool's lock orders these.
final class EasyHandle: @unchecked Sendable {
  private let raw: UnsafeMutableRawPointer
  /// libcurl writes here until the handle is cleaned up.
  private let errorText = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  /// libcurl's global state is made once, before the first handle.
  private static let isReady = clibcurl_start() == CURLE_OK

  init() throws(HTTPFailure) {
    errorText.initialize(repeating: 0)
    guard Self.isReady, let raw = curl_easy_init() else {
      errorText.deallocate()
      throw HTTPFailure.unusable("it doesn't start")
    }
    self.raw = raw
  }

  deinit {
    curl_easy_cleanup(raw)
    errorText.deallocate()
  }

  /// Forgets all options, and keeps connections, TLS sessions and the name cache.
  func reset() throws(HTTPFailure) {
    curl_easy_reset(raw)
    errorText.initialize(repeating: 0)
    try check(clibcurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText.baseAddress))
  }

  func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
    try check(clibcurl_set_long(raw, option, value))
  }
  func set(_ option: CURLoption, offset value: Int64) throws(HTTPFailure) {
    try check(clibcurl_set_offset(raw, option, curl_off_t(value)))
  }
  func set(_ option: CURLoption, _ value: String) throws(HTTPFailure) {
    try check(clibcurl_set_string(raw, option, value))
  }
  func set(_ option: CURLoption, _ value: HeaderList) throws(HTTPFailure) {
    try check(clibcurl_set_list(raw, option, value.first))
  }
  func set(_ option: CURLoption, context: UnsafeMutableRawPointer) throws(HTTPFailure) {
    try check(clibcurl_set_pointer(raw, option, context))
  }
  func set(_ option: CURLoption, _ callback: clibcurl_transfer) throws(HTTPFailure) {
    try check(clibcurl_set_transfer(raw, option, callback))
  }
  func set(progress callback: clibcurl_progress) throws(HTTPFailure) {
    try check(clibcurl_set_progress(raw, callback))
  }

  /// Bounds what the kernel receives ahead, in bytes.
  func set(receiveBuffer bytes: Int) throws(HTTPFailure) {
    try check(clibcurl_set_receive_buffer(raw, bytes))
  }

  /// Runs the transfer to its end on this thread.
  func perform() -> CURLcode { curl_easy_perform(raw) }

  /// How many bytes the requests' heads had.
  var requestHeadBytes: Int {
    var bytes = 0
    return clibcurl_get_long(raw, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK ? bytes : 0
  }

  /// What went wrong, in libcurl's words; it never has headers or queries. Where it speaks of a proxy it may have the
  /// proxy's address, and a password in that: then only the kind of error is told.
  func explanation(of code: CURLcode) -> String {
    let text = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let isSafe = !text.contains("@") && !text.lowercased().contains("proxy")
    if !text.isEmpty, isSafe { return text }
    return curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
  }

  /// An option that libcurl lacks is an error: what it guards must never be off unnoticed.
  private func check(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else {
      throw HTTPFailure.unusable(
        curl_easy_strerror(code).map { String(cString: $0) } ?? "an option is refused")
    }
  }
}

/// Headers as libcurl wants them, for as long as a transfer runs.
final class HeaderList {
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  func append(_ line: String) throws(HTTPFailure) {
    guard let longer = curl_slist_append(first, line) else { throw HTTPFailure.unusable("no memory") }
    first = longer
  }

  deinit { curl_slist_free_all(first) }
}
