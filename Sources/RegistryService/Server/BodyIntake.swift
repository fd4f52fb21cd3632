import Hummingbird
import NIOCore
import NIOPosix
import ModelRegistry
import RegistryModel

/// Takes a request's body in, within its limits and its time.
struct BodyIntake {
  let limits: ServiceLimits
  let threads: NIOThreadPool
  let store: StoreAccess

  /// Ends the connection after the answer: what else comes of the body is not waited for.
  struct TooLarge: Error { let limit: Int64 }
  struct Unwanted: Error {}

  func take(
    _ route: Route, _ request: Request, _ channel: any Channel
  ) async throws -> RegistryService.RequestBody {
    let length = request.headers[.contentLength].flatMap { Int64($0) }
    switch route.body {
    case .none:
      guard (length ?? 0) == 0, request.headers[.transferEncoding] == nil else { throw Unwanted() }
      return .none
    case .document:
      // Anybody may send to what is open, so it takes little.
      let limit = route.access == .open ? limits.formBytes : limits.documentBytes
      return try await bytes(request, length, limit, channel)
    case .form: return try await bytes(request, length, limits.formBytes, channel)
    case .archive: return try await file(request, length)
    }
  }

  private func bytes(
    _ request: Request, _ length: Int64?, _ limit: Int, _ channel: any Channel
  ) async throws -> RegistryService.RequestBody {
    guard length ?? 0 <= limit else { throw TooLarge(limit: Int64(limit)) }
    // As a whole: TLS has no half that could be closed.
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(limits.documentSeconds)) {
      channel.close(promise: nil)
    }
    defer { deadline.cancel() }
    do {
      let buffer = try await request.body.collect(upTo: limit)
      return buffer.readableBytes == 0 ? .none : .bytes(Array(buffer.readableBytesView))
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw TooLarge(limit: Int64(limit))
    }
  }

  /// Each piece may take as long as a connection may lie idle.
  private func file(_ request: Request, _ length: Int64?) async throws -> RegistryService.RequestBody {
    guard length ?? 0 <= limits.archiveBytes else { throw TooLarge(limit: limits.archiveBytes) }
    let ending = Self.ending(of: request.headers[.contentType])
    guard let ending else {
      throw RegistryError(
        .usage, "the body is of no kind that can be published",
        hint: "send application/x-tar, application/gzip (a tar) or application/zip")
    }
    let root = store.root
    let incoming = try await threads.runIfActive {
      try IncomingArchive(root: root, ending: ending, expecting: length ?? 0)
    }
    for try await piece in request.body {
      guard incoming.bytes + Int64(piece.readableBytes) <= limits.archiveBytes else {
        throw TooLarge(limit: limits.archiveBytes)
      }
      try await threads.runIfActive { try incoming.append(Array(piece.readableBytesView)) }
    }
    return .file(incoming)
  }

  private static func ending(of type: String?) -> String? {
    switch type?.split(separator: ";").first.map({ $0.lowercased() }) {
    case "application/x-tar": ".tar"
    case "application/gzip", "application/x-gzip", "application/x-tgz": ".tar.gz"
    case "application/zip": ".zip"
    default: nil
    }
  }
}
