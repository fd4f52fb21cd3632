import ArgumentParser
import CloudTraining
import Foundation
import Logging
import ModelRegistry
import RegistryModel
import RegistryService

struct Serve: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the API and a page for operators, watch trials, and do what is scheduled.",
    discussion: """
      Listens at 127.0.0.1:8470 and at the control socket, ROOT/control.sock, unless the section serve of the \
      configuration says otherwise. While there are no tokens, this machine may read, and only the control socket, whose \
      file says who gets in, changes anything. Another address needs a token (`modelctl token create`), and a certificate \
      or --behind-tls-proxy.

      It syncs with the remote, reads all bytes again now and then, collects, and trains, as serve.schedule says; and it \
      reverts a trial whose deadline passes. Told to stop (SIGTERM), it answers what it was asked, stops long work at \
      its next piece, and exits 0; what was interrupted goes on when it is asked for again.
      """)

  enum LogFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

  @OptionGroup var options: GlobalOptions
  @Option(help: "Where to listen, HOST:PORT; 127.0.0.1:8470 if not given here or in the configuration.")
  var listen: String?
  @Flag(help: "A proxy, on this machine or another, does TLS for others.") var behindTlsProxy = false
  @Option(help: "How to write the log, on stderr: text or json.") var log: LogFormat = .text

  func run() throws {
    let session = try Session(options)
    var policy = session.service
    if let listen {
      let address = try ListenAddress(parsing: listen)
      (policy.host, policy.port) = (address.host, address.port)
    }
    if behindTlsProxy { policy.isBehindTLSProxy = true }
    let logger = ServiceLog.logger(asJSON: log == .json, isVerbose: options.verbose)
    try prepare(session, logger)
    let store = StoreAccess(root: session.root, settings: session.settings)
    let training = ServiceTraining(session, store) { logger.notice("\($0)") }
    let core = try ServiceCore(store: store, training: training, policy: policy)
    for job in ScheduledWork(core, session.settings.configuration, policy.schedule).all {
      core.schedule.add(job)
    }
    let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment) { error in
      logger.warning("the service manager can't be told: \(error)")
    }
    let address = ListenAddress(host: policy.host, port: policy.port)
    try RegistryServer(core, policy, log: logger).run(
      listening: { port in
        let place = ListenAddress(address, port: port)
        announce(place, core, logger)
        notifier.ready()
        notifier.status("serves \(session.root) at \(place)")
      }, alive: { if notifier.watchdogInterval != nil { notifier.watchdog() } },
      stopping: {
        notifier.stopping()
        training.workers.stop()
      })
    let patience = session.settings.configuration.training.worker.graceMilliseconds + 30_000
    if !training.workers.wait(milliseconds: patience) { logger.warning("some workers go on") }
  }

  /// Makes the store where there is none. A damaged one is served as far as it goes: the way back needs no index.
  private func prepare(_ session: Session, _ logger: Logger) throws {
    do {
      _ = try session.openOrCreate()
    } catch let error as RegistryError where error.code == .integrity {
      _ = try session.openWithoutIndex()
      logger.error("the store is damaged", metadata: ["error": "\(error)"])
    }
  }

  private func announce(_ place: ListenAddress, _ core: ServiceCore, _ logger: Logger) {
    logger.notice("listening", metadata: ["address": "\(place)", "root": "\(core.store.root)"])
    if options.json {
      let document: JSONValue = ["listening": .string("\(place)"), "root": .string(core.store.root)]
      try? FileHandle.standardOutput.write(contentsOf: Data((document.canonicalText + "\n").utf8))
    }
  }
}
