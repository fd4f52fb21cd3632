/// What a request is, by the names that fault scripts and the log use.
package enum RequestKind: String, CaseIterable, Sendable {
  case bucket
  case notification
  case list
  case get
  case media
  case delete
  case patch
  case insertMedia
  case insertMultipart
  case startSession
  /// A PUT with bytes to an upload session.
  case putChunk
  /// A PUT that asks how much an upload session has.
  case sessionStatus
  case deleteSession
  case compose
  case copy
  case rewrite
  case move
  case token
  case metadataServer
  case firestoreGet
  case firestoreCreate
  case firestoreDelete
  case firestoreBatchGet
  case firestoreCommit
  case firestoreQuery
  case vertexCreate
  case vertexList
  case vertexGet
  case vertexCancel
  case other

  package init(_ request: Request) {
    if request.path == ["token"] {
      self = .token
    } else if request.path.first == "computeMetadata" || request.path == [""] {
      self = .metadataServer
    } else if let call = FirestoreCall(request) {
      self.init(call)
    } else if let call = VertexCall(request) {
      self.init(call)
    } else if let operation = try? Operation(request) {
      self.init(operation, request)
    } else {
      self = .other
    }
  }

  private init(_ operation: Operation, _ request: Request) {
    switch operation {
    case .listBuckets, .insertBucket, .getBucket, .deleteBucket, .bucketLayout: self = .bucket
    case .listNotifications, .insertNotification, .getNotification, .deleteNotification: self = .notification
    case .list: self = .list
    case .get: self = .get
    case .media: self = .media
    case .delete: self = .delete
    case .patch, .update: self = .patch
    case .insertMedia: self = .insertMedia
    case .insertMultipart: self = .insertMultipart
    case .startSession: self = .startSession
    case .putSession:
      let asks = request.headers["Content-Range"].map { $0.hasPrefix("bytes */") } ?? false
      self = asks ? .sessionStatus : .putChunk
    case .deleteSession: self = .deleteSession
    case .compose: self = .compose
    case .copy: self = .copy
    case .rewrite: self = .rewrite
    case .move: self = .move
    }
  }

  private init(_ call: FirestoreCall) {
    switch call.verb {
    case .get: self = .firestoreGet
    case .create: self = .firestoreCreate
    case .delete: self = .firestoreDelete
    case .batchGet: self = .firestoreBatchGet
    case .commit: self = .firestoreCommit
    case .runQuery: self = .firestoreQuery
    }
  }

  private init(_ call: VertexCall) {
    switch call.verb {
    case .create: self = .vertexCreate
    case .list: self = .vertexList
    case .get: self = .vertexGet
    case .cancel: self = .vertexCancel
    }
  }
}
