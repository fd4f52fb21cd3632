import Foundation
import ModelRegistry
import RegistryModel
import RegistryService

/// One run of a command: which store, with which configuration, and how to answer.
struct Session {
  let options: GlobalOptions
  let root: String
  let settings: OpenOptions
  let service: ServicePolicy

  /// With `isWayBack` a configuration that can't be read is a warning: nothing of it may keep a robot from going
  /// back or from booting.
  init(_ options: GlobalOptions, isWayBack: Bool = false) throws {
    self.options = options
    let caller = Account.current  // before root becomes the owner
    let location = try StoreLocation(options, toleratingConfiguration: isWayBack)
    root = location.root
    if let problem = location.problem {
      Terminal.printError("warning: \(problem.message.printable); going on without it")
    }
    service = location.service
    var configuration = location.configuration
    if let wait = options.wait {
      configuration.waitMilliseconds = try DurationText(parsing: wait).milliseconds
    }
    settings = OpenOptions(
      configuration: configuration, clock: Self.clock, caller: caller,
      remoteOpener: BucketOpener(configuration.remote).open)
  }

  func open() throws -> Registry { try Registry.open(root, settings) }

  /// For the way back, which doesn't need an index.
  func openWithoutIndex() throws -> Registry {
    var settings = settings
    settings.acceptsLostIndex = true
    return try Registry.open(root, settings)
  }

  /// For commands that make the store where there is none, or complete one whose making was interrupted.
  func openOrCreate() throws -> Registry {
    do {
      return try Registry.open(root, settings)
    } catch {
      guard error.code == .notFound || error.code == .integrity else { throw error }
      return try Registry.create(root, settings)
    }
  }

  func openForReading(acceptsLostIndex: Bool = false) throws -> Registry {
    var settings = settings
    settings.acceptsLostIndex = acceptsLostIndex
    return try Registry.openForReading(root, settings)
  }

  // MARK: Answers

  /// Prints the answer in the form that was asked for; warnings go to stderr.
  func answer(
    _ json: @autoclosure () throws -> JSONValue, warnings: [String] = [], _ text: () throws -> String
  )
    rethrows
  {
    let output = options.json ? try json().canonicalText : try text()
    if !output.isEmpty {
      // Lines are ours; what stands in them comes from anywhere.
      let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
      print(options.json ? output : lines.map(\.printable).joined(separator: "\n"))
    }
    for warning in warnings { Terminal.printError("warning: \(warning.printable)") }
    note("store \(root), flushes \(Registry.flushes)")
    fflush(nil)
  }

  func note(_ text: String) {
    if options.verbose { Terminal.printError("note: \(text)") }
  }

  private static var clock: MachineClock {
    #if DEBUG
      // Tests of the whole program play several boots on one machine.
      if let boot = ProcessInfo.processInfo.environment["MODELCTL_TEST_BOOT"] {
        return MachineClock(
          now: MachineClock.system.now,
          moment: {
            Trial.Moment(
              bootID: boot, uptimeMilliseconds: MachineClock.system.moment().uptimeMilliseconds)
          })
      }
    #endif
    return .system
  }
}
