/// Upload sessions as a test sees and breaks them.
extension StorageState {
  /// How many upload sessions are neither finished nor gone.
  package var openSessionCount: Int {
    withStorage { storage in
      storage.sessions.values.count { if case .open = $0.status { true } else { false } }
    }
  }

  /// The bytes that open upload sessions have, by the names of their objects.
  package var sessionBytes: [String: Int64] {
    withStorage { storage in
      var found: [String: Int64] = [:]
      for session in storage.sessions.values {
        if case .open = session.status { found["\(session.draft.location.name)"] = session.store.count }
      }
      return found
    }
  }

  /// Ends every open session: a client gets 410.
  package func expireSessions() {
    withStorage { storage in
      for (id, session) in storage.sessions {
        if case .open = session.status { storage.sessions[id]?.status = .gone }
      }
    }
  }

  /// Forgets every session: a client gets 404.
  package func forgetSessions() { withStorage { $0.sessions = [:] } }

  /// Cuts the bytes of an open session for an object, or adds zeros: the service lost or made up bytes.
  package func resizeSession(of name: String, to count: Int64) throws {
    try changeSession(of: name) { session, storage in
      let store = ByteStore(spool: storage.options.spool, hasMD5: storage.options.keepsMD5)
      try store.append(session.store, 0..<min(count, session.store.count))
      try store.append([UInt8](repeating: 0, count: Int(count - store.count)))
      session.store = store
    }
  }

  /// Ends an open session with the bytes that it has, whatever the client meant to send.
  package func finishSession(of name: String) throws {
    guard let request = Request(method: "PUT", target: "/") else { return }
    let call = Call(request: request, nowMicroseconds: now)
    try changeSession(of: name) { session, storage in
      session.status = .finished(try storage.insert(session.draft, session.store, call))
    }
  }

  private func changeSession(
    of name: String, _ body: (inout UploadSession, inout Storage) throws -> Void
  ) throws {
    try withStorage { storage in
      let found = storage.sessions.first { _, session in
        guard case .open = session.status else { return false }
        return session.draft.location.name.description == name
      }
      guard let (id, open) = found else { throw NoSuchObject(description: "no open session of \(name)") }
      var session = open
      try body(&session, &storage)
      storage.sessions[id] = session
    }
  }
}
