import CloudSimulator
import Foundation
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

@Suite struct `modelctl worker serve` {
  let bench: CloudBench

  init() throws { bench = try CloudBench() }

  @Test func `has the job of an event trained, and published once however often the event comes`() throws {
    let store = try TrainingStore(cloud: bench.simulator.url)
    let job = try store.trigger()
    let service = try store.serve("--listen", "127.0.0.1:0")
    #expect(try service.status(.get, path: "/healthz") == 200)
    #expect(try service.post(job) == 202)
    try poll("\(job) is completed") { try store.status(of: job) == "completed" }
    #expect(try service.post(job) == 204)
    #expect(try service.post(job, generation: "18") == 204)
    #expect(store.versions == ["robot_001_v1"])
    #expect(try store.run("train", "install", job, "-q").out == "robot_001_v1\n")
    let outcome = try service.stop()
    #expect(outcome.code == 0, "\(outcome.err)")
  }

  @Test func `turns away what is no event of its bucket`() throws {
    let store = try TrainingStore(cloud: bench.simulator.url)
    let job = try store.trigger()
    let service = try store.serve("--listen", "127.0.0.1:0")
    #expect(try service.post(job, bucket: "another") == 204)
    #expect(try service.post("job_000000000000") == 404)
    let json = ["Content-Type": "application/json"]
    #expect(try service.post(Array("{".utf8), json) == 400)
    #expect(try service.post([UInt8](repeating: 0x20, count: 1 << 20 + 1), json) == 413)
    #expect(try service.status(.get) == 404 && service.status(.put, [1]) == 405)
    #expect(try store.status(of: job) == "queued")
    #expect(try service.stop().code == 0)
  }

  @Test func `told to stop gives its job back, and the next one brings it to its end`() throws {
    let started = "$CHECKPOINT_DIR/../started"
    let trainer = #"""
      if [ -e "$CHECKPOINT_DIR/at" ]; then \#(TrainingStore.goodTrainer); exit 0; fi
      trap 'echo 1 > "$CHECKPOINT_DIR/at"; exit 143' TERM
      touch "\#(started)"
      while :; do sleep 0.05; done
      """#
    let store = try TrainingStore(cloud: bench.simulator.url, trainer: trainer, takeover: "2001ms")
    let jobs = try [store.trigger(), store.trigger()]
    let service = try store.serve("--listen", "127.0.0.1:0")
    #expect(try service.post(jobs[0]) == 202)
    try poll("it trains") { store.store.exists("private/training/\(jobs[0])/started") }
    #expect(try service.post(jobs[0]) == 204)
    #expect(try service.post(jobs[1]) == 503, "one at a time")
    let outcome = try service.stop()
    #expect(outcome.code == 0, "\(outcome.err)")
    #expect(try jobs.map { try store.status(of: $0) } == ["queued", "queued"])
    try store.run("train", "cancel", jobs[1])
    // Nobody sends the first one's event again.
    let next = try store.serve("--listen", "127.0.0.1:0")
    try poll("\(jobs[0]) is completed") { try store.status(of: jobs[0]) == "completed" }
    #expect(store.versions == ["robot_001_v1"])
    #expect(try next.stop().code == 0)
  }

  @Test func `listens where the platform says, and not where it can't`() throws {
    let store = try TrainingStore(cloud: bench.simulator.url)
    let service = try store.serve(with: ["PORT": "0"])
    #expect(service.address.hasPrefix("0.0.0.0:"))
    // What is asked for goes before what the platform says.
    let taken = try store.run("worker", "serve", "--listen", service.address, code: 1)
    #expect(taken.err.contains("can't be served"))
    #expect(try service.stop().code == 0)
    for address in [
      "", ":", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "a b:1", "1e3",
    ] {
      try store.run("worker", "serve", "--listen=\(address)", code: 64)
    }
    for arguments in [["--jobs", "0"], ["--submit", "vertex"], ["--submit", "nobody"]] {
      try store.store.run(["worker", "serve"] + arguments, code: 64, with: store.variables)
    }
    let directory = try CommandStore()
    try FileManager.default.createDirectory(
      atPath: directory.scratch("remote"), withIntermediateDirectories: true)
    try directory.ctl("remote", "set", "file://\(directory.scratch("remote"))")
    try directory.ctl("worker", "serve", code: 64)
  }
}
