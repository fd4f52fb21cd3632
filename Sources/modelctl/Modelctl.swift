import ArgumentParser
import Foundation
import ModelRegistry

/// The program: parses, runs, and turns errors into one line and an exit code.
@main
struct Modelctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "modelctl",
    abstract: "Keeps the models of a robot: publish, install, activate on trial, roll back.",
    discussion: """
      References name versions: robot_001_v4, robot_001@active, robot_001@latest, robot_001@previous, \
      sha256:DIGITS. Every command takes --root DIR, --json, --quiet, --verbose, --wait D and --config FILE, \
      before or after its name.
      """,
    subcommands: [
      Init.self, Publish.self, Import.self, List.self, Show.self, Files.self, Install.self,
      Diff.self, Uninstall.self, Activate.self, Deactivate.self, Confirm.self, Boot.self,
      Health.self, Rollback.self, Active.self, History.self, Pin.self, Unpin.self, Channel.self,
      Evaluate.self, Lineage.self, Impact.self, Audit.self, Verify.self, Scrub.self, Collect.self,
      Rebuild.self,
      Backup.self, Restore.self, Remote.self, Push.self, Sync.self, Bundle.self, Episodes.self, Train.self,
      WorkerCommand.self, Serve.self, Token.self, Status.self, Doctor.self,
      Version.self,
    ])

  static func main() {
    umask(0o022)
    signal(SIGCHLD, SIG_DFL)  // a parent that ignored it would hide how hooks ended
    let arguments = GlobalOptions.moved(behindCommandIn: Array(CommandLine.arguments.dropFirst()))
    do {
      var command = try parseAsRoot(arguments)
      do {
        try command.run()
      } catch let error as RegistryError {
        guard let options = (command as? any StoreCommand)?.options else { throw error }
        throw (try? StoreLocation(options))?.hinted(error) ?? error
      }
    } catch let error as RegistryError {
      Failure(error).exit(asJSON: arguments.contains("--json"))
    } catch let status as ExitStatus {
      Foundation.exit(status.code)
    } catch {
      guard exitCode(for: error) != .success else { exit(withError: error) }
      let usage = RegistryError(
        .usage, message(for: error), hint: "see `modelctl help` or `modelctl COMMAND --help`")
      Failure(usage).exit(asJSON: arguments.contains("--json"))
    }
  }
}

/// A command that did its work and ends with another code than 0: damage found, a problem diagnosed.
struct ExitStatus: Error {
  let code: Int32
}
