import RegistryModel
import RegistryService

extension ServicePolicy {
  /// Reads the section `serve` of `config.yaml`. What isn't there keeps its default.
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    if let listen = try reader.optional("listen", .any) {
      let text = listen.asString ?? listen.canonicalText
      let address: ListenAddress
      do {
        address = try ListenAddress(parsing: text)
      } catch {
        throw reader.problem(with: "listen", "is \(text.quoted)", hint: error.hint)
      }
      (host, port) = (address.host, address.port)
    }
    socket = try reader.path("socket")
    socketGroup = try reader.text("socket_group")
    if let names = try reader.optional("hosts", elements: .string) {
      guard !names.contains("") else { throw reader.problem(with: "hosts", "has an empty name") }
      hosts = names
    }
    if let behind = try reader.optional("behind_tls_proxy", .bool) { isBehindTLSProxy = behind }
    if let tls = try reader.optional("tls", .any) { try readTLS(tls, "\(context).tls") }
    if let schedule = try reader.optional("schedule", .any) {
      self.schedule = try SchedulePolicy(section: schedule, context: "\(context).schedule")
    }
    if let limits = try reader.optional("limits", .any) {
      self.limits = try ServiceLimits(section: limits, context: "\(context).limits")
    }
    try reader.finish()
  }

  private mutating func readTLS(_ section: JSONValue, _ context: String) throws(RegistryError) {
    var reader = try JSONReader(section, context: context)
    certificate = try reader.path("certificate")
    key = try reader.path("key")
    try reader.finish()
    guard certificate != nil, key != nil else {
      throw reader.problem(
        with: certificate == nil ? "certificate" : "key", "is missing",
        hint: "name both files, or leave tls out")
    }
  }
}

extension ServiceLimits {
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    if let count = try reader.count("connections", atMost: 10_000) { connections = count }
    if let count = try reader.count("requests", atMost: 1_000) { requests = count }
    if let size = try reader.bytes("archive") { archiveBytes = size }
    if let seconds = try reader.seconds("document") { documentSeconds = seconds }
    if let seconds = try reader.seconds("idle") { idleSeconds = seconds }
    try reader.finish()
  }
}

extension JSONReader {
  /// A length of time of whole seconds, up to an hour.
  fileprivate mutating func seconds(_ key: String) throws(RegistryError) -> Int64? {
    guard let milliseconds = try milliseconds(key) else { return nil }
    guard 1000...3_600_000 ~= milliseconds else {
      throw problem(with: key, "is not 1s to 1h", hint: "write it like 30s")
    }
    return milliseconds / 1000
  }
}

extension SchedulePolicy {
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    sync = try reader.limit("sync", standard: sync)
    scrub = try reader.limit("scrub", standard: scrub)
    if let rate = try reader.bytes("scrub_rate") { scrubBytesPerSecond = rate }
    collect = try reader.limit("gc", standard: collect)
    training = try reader.limit("training", standard: training)
    try reader.finish()
  }
}
