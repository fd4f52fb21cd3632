import ModelRegistry
public import RegistryModel
import TestSupport

/// Robots that share one remote.
final class Hall {
  let remote: Scratch
  let uri: RemoteURI
  private let opener: RemoteOpener?
  private var robots: [String: StoreFixture] = [:]

  init(uri: RemoteURI? = nil, opener: RemoteOpener? = nil) throws {
    remote = try Scratch("hall")
    self.uri = try uri ?? RemoteURI(parsing: "file://\(remote.path)")
    self.opener = opener
  }

  /// A robot's registry, made and pointed to the remote where it is new.
  func robot(_ name: String, change: (inout Configuration) -> Void = { _ in }) throws -> Registry {
    let isNew = robots[name] == nil
    let fixture = try robots[name] ?? StoreFixture(name)
    robots[name] = fixture
    var configuration = Configuration()
    configuration.remote.robot = try RobotName(parsing: name)
    change(&configuration)
    var options = fixture.options(configuration)
    options.remoteOpener = opener
    let registry = try Registry.open(fixture.root, options)
    if isNew { try registry.setRemote(uri) }
    return registry
  }

  func fixture(_ name: String) throws -> StoreFixture {
    _ = try robot(name)
    guard let fixture = robots[name] else { preconditionFailure("it was made a moment ago") }
    return fixture
  }

  @discardableResult
  func publish(
    _ content: String, on robot: String, as adapter: String = "robot_001", number: Int? = nil,
    change: (inout PublishRequest) -> Void = { _ in }
  ) throws -> PublishResult {
    try fixture(robot).publish(content, as: adapter, number: number, in: self.robot(robot), change: change)
  }

  func path(_ name: String) -> String { remote(name) }
}

extension Registry {
  /// Everything that two stores which share a version must say alike.
  func account(of version: VersionID) throws -> [String] {
    let (summary, manifest) = try show(.version(version))
    return [
      summary.digest.description, manifest.json.canonicalText, "\(try files(of: .version(version)).files)",
      try lineage(of: version.description).json.canonicalText,
    ]
  }
}

extension Reference: ExpressibleByStringLiteral {
  /// For tests alone: a reference that is known to be one.
  public init(stringLiteral text: String) {
    guard let reference = try? Reference(parsing: text) else {
      preconditionFailure("\(text) is no reference")
    }
    self = reference
  }
}
