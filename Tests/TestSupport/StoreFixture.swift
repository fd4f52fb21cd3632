import Foundation
public import ModelRegistry

/// A store in a scratch folder, with adapters to publish.
public final class StoreFixture: Sendable {
  public let scratch: Scratch
  public let time = TestClock()
  public let root: String

  public init(_ label: String = "store") throws {
    scratch = try Scratch(label)
    root = scratch("root")
    _ = try Registry.create(root, options())
  }

  /// What another process made in this folder.
  public init(at path: String) {
    scratch = Scratch(borrowing: path)
    root = scratch("root")
  }

  /// A copy of everything that `pattern` has in its folder; stamps don't hold in it, as its inodes are others.
  public init(copying pattern: StoreFixture, inMemory: Bool = false) throws {
    scratch = try Scratch("copy", inMemory: inMemory)
    root = scratch("root")
    let copy = Process()
    copy.executableURL = URL(filePath: "/bin/cp")
    copy.arguments = ["-a", "\(pattern.scratch.path)/.", scratch.path]
    try copy.run()
    copy.waitUntilExit()
    precondition(copy.terminationStatus == 0, "a store could not be copied")
  }

  public func options(
    _ configuration: Configuration = Configuration(), acceptsLostIndex: Bool = false
  ) -> OpenOptions {
    OpenOptions(
      configuration: configuration, clock: time.clock, caller: "tester", acceptsLostIndex: acceptsLostIndex)
  }

  public func open(
    _ configuration: Configuration = Configuration(), acceptsLostIndex: Bool = false
  ) throws -> Registry {
    try Registry.open(root, options(configuration, acceptsLostIndex: acceptsLostIndex))
  }

  public func boot(generation: Int? = nil) throws -> BootResult {
    try Registry.boot(root, generation: generation, options())
  }

  /// A folder with the files of one version: weights that differ by `content`, and a configuration in a subfolder.
  public func source(_ content: String) throws -> String {
    try scratch.write("source-\(content)/lora_adapters.npz", "weights of \(content)")
    try scratch.write("source-\(content)/config/model_config.json", "{\"rank\":8}")
    return scratch("source-\(content)")
  }

  /// Publishes a version whose weights differ by `content`.
  @discardableResult
  public func publish(
    _ content: String, as adapter: String = "robot_001", number: Int? = nil, in registry: Registry? = nil,
    change: (inout PublishRequest) -> Void = { _ in }
  ) throws -> PublishResult {
    var request = PublishRequest(
      adapter: try AdapterName(parsing: adapter), paths: [try source(content)], number: number)
    change(&request)
    return try (registry ?? open()).publish(request)
  }

  /// A store with v1 confirmed and active and v2, v3 installed.
  public static func ready(_ label: String = "store") throws -> StoreFixture {
    let fixture = try StoreFixture(label)
    let registry = try fixture.open()
    for content in ["one", "two", "three"] { try fixture.publish(content, in: registry) }
    try registry.activate([try Reference(parsing: "robot_001_v1")])
    return fixture
  }
}

extension Registry {
  /// ``activate(_:_:)`` by name.
  @discardableResult
  public func activate(_ name: String, _ options: ActivationOptions = ActivationOptions()) throws
    -> SwitchResult
  {
    try activate([try Reference(parsing: name)], options)
  }
}
