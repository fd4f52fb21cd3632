import CloudSimulator
import Foundation
import RegistryModel

do {
  let invocation = try Invocation(Array(CommandLine.arguments.dropFirst()))
  if invocation.asksForHelp {
    FileHandle.standardOutput.write(Data(Invocation.usage.utf8))
    exit(0)
  }
  let simulator = Simulator(
    buckets: invocation.buckets, port: invocation.port, options: invocation.options,
    requiresToken: invocation.requiresToken, faults: invocation.faults)
  try simulator.start()
  if let path = invocation.keyFile {
    let account = try ServiceAccount(email: "simulated@simulated.iam.gserviceaccount.com")
    simulator.cloud.issuer.register(account)
    let key = try account.keyFile(tokenURL: "\(simulator.url)/token")
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(key.canonicalBytes), attributes: [.posixPermissions: 0o600])
    else { throw Invocation.Refusal(message: "can't write \(path)") }
  }
  FileHandle.standardOutput.write(Data("listening on \(simulator.url)\n".utf8))
  // SIGUSR1: a line with what was asked for and moved since the last one.
  signal(SIGUSR1, SIG_IGN)
  let report = DispatchSource.makeSignalSource(signal: SIGUSR1, queue: .main)
  report.setEventHandler {
    let requests = simulator.requests
    simulator.forgetRequests()
    let received = requests.reduce(0) { $0 + $1.receivedBytes }
    let sent = requests.reduce(0) { $0 + $1.sentBytes }
    FileHandle.standardOutput.write(
      Data("requests \(requests.count) received \(received) sent \(sent)\n".utf8))
  }
  report.resume()
  dispatchMain()
} catch let refusal as Invocation.Refusal {
  FileHandle.standardError.write(Data("error: \(refusal.message)\n\(Invocation.usage)".utf8))
  exit(64)
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  exit(1)
}
