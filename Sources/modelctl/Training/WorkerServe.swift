import ArgumentParser
import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import WorkerService

struct WorkerServe: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Take a bucket's events, and have the jobs trained that they name.",
    discussion: """
      Takes the events that a new object PREFIX/jobs/JOB.json makes where episodes go (training.data, else the remote), \
      as `train trigger --backend event` writes it: CloudEvents of Cloud Storage from Eventarc, in both modes, or \
      pushes of Pub/Sub, posted to any path. GET /healthz answers 200 while it serves; from outside Cloud Run keeps \
      that path to itself.

      Nothing is trained within a request. Each job gets a process of its own, `worker run`, whose words go to \
      private/training/JOB.worker; or, with --submit vertex, a job of Vertex AI. The answers are 202 begun, 204 nothing \
      to do; and, so that the event is sent again, 503 with Retry-After while --jobs of them run or a store is away, 404 \
      for a job that is not in the store of jobs, 400 and 413 for what is no event, 500 for what an operator must see \
      to. Give the subscription a retry policy with backoff, and a dead-letter topic. On Cloud Run, workers need the \
      processor after the answer: choose CPU always allocated, or --submit vertex.

      It doesn't check who sends. On Cloud Run let the platform do it: deploy with --no-allow-unauthenticated, have \
      Eventarc or the push subscription sign with a service account, and give that account roles/run.invoker; the \
      platform verifies the token before a request arrives. Elsewhere listen where nobody else reaches, or behind a \
      proxy that checks.

      Told to stop (SIGTERM), it takes no more events, has its workers give their jobs back, and exits 0 when they have \
      ended. Jobs of this place that were given back, or whose worker died, it begins again by itself once they have been \
      silent for training.worker.takeover. With --json every line is one document.
      """)

  @OptionGroup var options: GlobalOptions
  @Option(
    help:
      "Where to listen, HOST:PORT: 127.0.0.1:8080 if not given, or port $PORT of every address where that is set."
  )
  var listen: String?
  @Option(help: "How many jobs to work on at once.") var jobs = 1
  @Option(help: "Who trains: process, on this machine, or vertex.") var submit = Submit.process
  @Option(help: "Where versions are shared, for a store that has no remote yet.") var remote: String?

  enum Submit: String, ExpressibleByArgument { case process, vertex }

  func validate() throws {
    guard 1...64 ~= jobs else { throw ValidationError("--jobs has \(jobs), and 1 to 64 can be") }
  }

  func run() throws {
    let address = try ListenAddress(listen, platformPort: ProcessInfo.processInfo.environment["PORT"])
    let session = try Session(options)
    let registry = try session.openOrCreate()
    if let remote, try registry.remote() == nil { try registry.setRemote(RemoteURI(parsing: remote)) }
    let policy = session.settings.configuration.training
    let journal = ServeJournal(options)
    let processes = WorkerProcesses(WorkerLauncher(session, log: registry.workerLog), report: journal.say)
    let crew = WorkerCrew(size: jobs, launch: processes.start)
    let receiver = try EventReceiver(
      registry, jobs: TrainingSession.jobs(policy, registry), submission: submission(crew, policy))
    let rounds = ResumeRounds(receiver, journal, takeoverMilliseconds: policy.worker.takeoverMilliseconds)
    let server = WorkerServer(host: address.host, port: address.port) { request in
      let answer = receiver.receive(headers: request.headers, body: request.body)
      journal.answered(answer)
      return ServerAnswer(answer.status, answer.publicText, retryAfterSeconds: answer.retryAfterSeconds)
    }
    try server.run(
      listening: { port in
        journal.listening(ListenAddress(address, port: port), receiver.scope)
        rounds.begin()
      },
      stopping: {
        rounds.end()
        crew.close()
        processes.stop()
      })
    let patience = policy.worker.graceMilliseconds + 30_000
    if !processes.wait(milliseconds: patience) {
      journal.say("some workers go on after \(DurationText(milliseconds: patience))")
    }
  }

  private func submission(_ crew: WorkerCrew, _ policy: TrainingPolicy) throws -> any JobSubmission {
    guard submit == .vertex else { return crew }
    if let vertex = try TrainingSession.vertex(policy) { return vertex }
    throw RegistryError(
      .usage, "--submit vertex needs the section training.vertex, which is not in the configuration",
      hint: "add it, or leave --submit away to train on this machine")
  }
}
