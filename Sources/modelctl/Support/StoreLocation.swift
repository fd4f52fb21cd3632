import Foundation
import ModelRegistry
import RegistryService

/// Where the store and its configuration are: `--root`, MODELCTL_ROOT, the configuration, /var/lib/modelctl where
/// it exists, else the user's data folder.
struct StoreLocation {
  let root: String
  let configuration: Configuration
  let service: ServicePolicy

  static let system = "/var/lib/modelctl"
  static let systemConfiguration = "/etc/modelctl/config.yaml"

  /// What was wrong with the configuration, where that was tolerated.
  private(set) var problem: RegistryError?

  init(_ options: GlobalOptions, toleratingConfiguration: Bool = false) throws {
    let environment = ProcessInfo.processInfo.environment
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let stated = options.root ?? variable("MODELCTL_ROOT")
    let named = options.config ?? variable("MODELCTL_CONFIG")
    // Whose the store is decides who reads its configuration, and who runs what stands there.
    if let stated { try Account.become(ownerOf: stated) }
    var problem: RegistryError?
    func read(_ path: String) throws -> ConfigurationFile {
      do {
        return try ConfigurationFile(path: path)
      } catch  where toleratingConfiguration {
        problem = error
        return ConfigurationFile()
      }
    }
    func isThere(_ path: String) -> Bool {
      var status = stat()
      return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }
    let candidates = [named, stated.map { "\($0)/config.yaml" }, Self.systemConfiguration].compactMap(\.self)
    let path = named ?? candidates.first(where: isThere)
    var file = try path.map(read) ?? ConfigurationFile()
    let root = stated ?? file.root ?? Self.defaultRoot(environment)
    try Account.become(ownerOf: root)
    if path == nil || path == Self.systemConfiguration {
      // The store's own configuration is known only now, where neither option nor variable named the store.
      let own = "\(root)/config.yaml"
      if isThere(own) { file = try read(own) }
    }
    self.root = root.hasPrefix("/") ? root : FileManager.default.currentDirectoryPath + "/" + root
    self.problem = problem
    configuration = file.configuration
    service = file.service
  }

  private static func defaultRoot(_ environment: [String: String]) -> String {
    if FileManager.default.fileExists(atPath: system) { return system }
    return userRoot(environment)
  }

  private static func userRoot(_ environment: [String: String]) -> String {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/modelctl" }
    return "\(environment["HOME"] ?? "/root")/.local/share/modelctl"
  }

  /// A "not found" names another store that exists.
  func hinted(_ error: RegistryError) -> RegistryError {
    guard error.code == .notFound else { return error }
    let other = [Self.system, Self.userRoot(ProcessInfo.processInfo.environment)].first { path in
      path != root && Registry.exists(at: path)
    }
    guard let other else { return error }
    return RegistryError(
      error.code, error.message, unchanged: error.unchanged,
      hint: "\(error.hint); there is a store at \(other)")
  }
}
