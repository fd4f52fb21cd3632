import CLibCurl

extension EasyHandle {
  /// Sets everything for one request; nothing is left of the request before.
  ///
  /// A body is never sent twice by libcurl itself: it can't rewind one without a seek function, and reports that
  /// instead. Only ``StorageClient`` knows whether a second try is safe, and must know that there was a first.
  func prepare(
    _ request: HTTPRequest, _ configuration: HTTPConfiguration, headers: HeaderList
  ) throws(HTTPFailure) {
    try reset()
    try set(CURLOPT_URL, request.address.text)
    // Addresses come from servers too. No file:, no ftp:, and no redirect is followed.
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_FOLLOWLOCATION, 0)
    // One request per connection at a time: a broken one breaks no other, and uploads aren't held up by windows.
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    // What was received and not read yet is lost with the program, and fetched again. 128 KiB still carry 6 MB/s over
    // 20 ms, and several objects are on their way at once.
    try set(receiveBuffer: 128 << 10)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_USERAGENT, configuration.userAgent)
    if request.isLocal { try set(CURLOPT_NOPROXY, "*") }
    if let path = request.socketPath { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
    try setTrust(configuration)
    try setPace(request, configuration)
    try setMethod(request)
    try append(request, configuration, to: headers)
    try set(CURLOPT_HTTPHEADER, headers)
  }

  private func setTrust(_ configuration: HTTPConfiguration) throws(HTTPFailure) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let file = configuration.certificateFile { try set(CURLOPT_CAINFO, file) }
  }

  private func setPace(
    _ request: HTTPRequest, _ configuration: HTTPConfiguration
  ) throws(HTTPFailure) {
    // What isn't far away answers soon or isn't there.
    let connectSeconds = request.isLocal ? min(3, configuration.connectSeconds) : configuration.connectSeconds
    try set(CURLOPT_CONNECTTIMEOUT_MS, connectSeconds * 1000)
    try set(CURLOPT_LOW_SPEED_LIMIT, max(1, configuration.lowSpeedEach))
    try set(
      CURLOPT_LOW_SPEED_TIME,
      max(request.silenceSeconds ?? configuration.lowSpeedSeconds, configuration.pauseSecondsEach))
    if configuration.bytesPerSecondEach > 0 {
      // libcurl sends and reads a buffer at once, and then waits until that is within the limit.
      try set(CURLOPT_UPLOAD_BUFFERSIZE, HTTPConfiguration.burstBytes)
      try set(CURLOPT_BUFFERSIZE, HTTPConfiguration.burstBytes)
    }
    try set(CURLOPT_MAX_RECV_SPEED_LARGE, offset: configuration.bytesPerSecondEach)
    try set(CURLOPT_MAX_SEND_SPEED_LARGE, offset: configuration.bytesPerSecondEach)
  }

  private func setMethod(_ request: HTTPRequest) throws(HTTPFailure) {
    switch request.method {
    case .get, .delete: try set(CURLOPT_HTTPGET, 1)
    case .post, .put:
      try set(CURLOPT_UPLOAD, 1)
      try set(CURLOPT_INFILESIZE_LARGE, offset: request.body.bytes)
    }
    try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    // On a kept connection that turns out dead, libcurl itself repeats a request without a body. A delete that was
    // carried out, and is repeated unnoticed, would seem to have found nothing.
    if request.method == .delete { try set(CURLOPT_FRESH_CONNECT, 1) }
  }

  private func append(
    _ request: HTTPRequest, _ configuration: HTTPConfiguration, to list: HeaderList
  ) throws(HTTPFailure) {
    // The hash is of the stored bytes, so nothing may be packed on the way; and no round trip before a body.
    if request.headers["Accept-Encoding"] == nil { try list.append("Accept-Encoding: identity") }
    try list.append("Expect:")
    let extra = request.isLocal ? [] : configuration.extraHeaders
    for header in request.headers.all + extra.filter({ request.headers[$0.name] == nil }) {
      // libcurl sends a header without a value where the line ends in a semicolon.
      try list.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
  }
}
