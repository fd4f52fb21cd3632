import CloudSimulator
import Foundation
import RegistryModel

/// What the command line asks for.
struct Invocation {
  static let usage = """
    usage: cloud-simulator [--port N] [--bucket NAME]... [--faults FILE] [--require-token] [--write-key FILE]
                           [--spool FOLDER] [--no-md5]
      Simulates Cloud Storage, its token endpoint and the metadata server on 127.0.0.1 until it is stopped. At a
      SIGUSR1 it prints how many requests and bytes of bodies there were since the last one.
      --port N          the port; 0, the default, takes a free one
      --bucket NAME     a bucket that is there from the start
      --faults FILE     a script of what goes wrong, in JSON
      --require-token   answer 401 without a token of the token endpoint
      --write-key FILE  make a service account, and write a key file for it that names this token endpoint
      --spool FOLDER    keep bodies above 1 MiB in files of this folder instead of in memory
      --no-md5          give objects no MD5, so that long uploads take less of the processor

    """

  struct Refusal: Error { let message: String }

  var port = 0
  var buckets: [String] = []
  var options = StorageOptions()
  var faults = FaultScript()
  var requiresToken = false
  var keyFile: String?
  var asksForHelp = false

  init(_ arguments: [String]) throws(Refusal) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      switch option {
      case "--port":
        guard let number = UInt16(try Self.value(of: option, &rest)) else {
          throw Refusal(message: "--port needs a number up to 65535")
        }
        port = Int(number)
      case "--bucket": buckets.append(try Self.value(of: option, &rest))
      case "--faults": faults = try Self.script(try Self.value(of: option, &rest))
      case "--require-token": requiresToken = true
      case "--write-key": keyFile = try Self.value(of: option, &rest)
      case "--spool": options.spool = .folder(try Self.value(of: option, &rest))
      case "--no-md5": options.keepsMD5 = false
      case "--help": asksForHelp = true
      default: throw Refusal(message: "unknown argument \(option)")
      }
    }
  }

  private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(Refusal) -> String {
    guard let value = rest.popFirst() else { throw Refusal(message: "\(option) needs a value") }
    return value
  }

  private static func script(_ path: String) throws(Refusal) -> FaultScript {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Refusal(message: "can't read \(path)")
    }
    do {
      return try FaultScript(json: JSONValue(parsing: bytes))
    } catch {
      throw Refusal(message: "\(path): \(error.message)")
    }
  }
}
