import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import Testing

/// Against `openssl s_server`, with certificates made for the test.
@Suite(.serialized) struct CertificateTests {
  private func openssl(_ arguments: [String], in folder: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs a server whose certificate is for `name`.
  private func withServer(
    certificateFor name: String, _ options: [String],
    _ body: (_ address: HTTPAddress, _ certificate: String, _ server: Process) throws -> Void
  ) throws {
    try withFolder { folder in
      let make = try openssl(
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days",
          "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)",
        ], in: folder)
      make.waitUntilExit()
      try #require(make.terminationStatus == 0)
      let probe = try ScriptedServer { _, _, exchange in exchange.hangUp() }
      probe.stop()
      let server = try openssl(
        ["s_server", "-accept", "127.0.0.1:\(probe.port)", "-cert", "cert.pem", "-key", "key.pem"] + options,
        in: folder)
      defer {
        // The test's threads block SIGTERM, and so does a child.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
      }
      try body(HTTPAddress(parsing: "https://127.0.0.1:\(probe.port)/"), "\(folder)/cert.pem", server)
    }
  }

  /// The answer's status or the failure, once the server is up.
  private func perform(_ request: HTTPRequest, _ certificate: String?) throws -> (Int?, TransportFailure?) {
    let client = HTTPClient(try impatient { $0.certificateFile = certificate })
    for _ in 0..<200 {
      do {
        return (try client.perform(request).status, nil)
      } catch HTTPFailure.transport(let failure) where failure.code == 7 {
        usleep(50_000)
      } catch HTTPFailure.transport(let failure) {
        return (nil, failure)
      }
    }
    return (nil, nil)
  }

  @Test func `only a certificate of a known authority is good`() throws {
    try withServer(certificateFor: "IP:127.0.0.1", ["-www"]) { address, certificate, _ in
      let (status, failure) = try perform(HTTPRequest(.get, address), nil)
      #expect(status == nil && failure?.code == 60 && failure?.isRetryable == false)
      #expect(try perform(HTTPRequest(.get, address), certificate).0 == 200)
    }
  }

  @Test func `a certificate for another host is refused`() throws {
    try withServer(certificateFor: "DNS:storage.example", ["-www"]) { address, certificate, _ in
      let (status, failure) = try perform(HTTPRequest(.get, address), certificate)
      let found = try #require(failure)
      #expect(status == nil && found.code == 60 && !found.isRetryable)
      #expect(HTTPFailure.transport(found).asRegistryError("read x").hint.contains("certificates"))
    }
  }

  @Test func `a server that dies under an upload ends the upload, and not the program`() throws {
    try withServer(certificateFor: "IP:127.0.0.1", ["-quiet"]) { address, certificate, server in
      let process = server.processIdentifier
      let body = HTTPBodyStream(bytes: 100 << 20) { offset, buffer in
        if offset > 1 << 20 { kill(process, SIGKILL) }
        return buffer.count
      }
      let failure = try perform(HTTPRequest(.put, address, body: .stream(body)), certificate).1
      #expect(failure?.isRetryable == true && failure?.isUnreachable == false)
    }
  }

  @Test func `a missing file of certificates is an error, and not the system's`() throws {
    let configuration = try impatient { $0.certificateFile = "/nonexistent.pem" }
    let request = HTTPRequest(.get, try HTTPAddress(parsing: "https://127.0.0.1:1/"))
    #expect(throws: HTTPFailure.self) { try HTTPClient(configuration).perform(request) }
  }
}
