import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl import of a plan's root` {
  @Test func `answers with every version of it`() throws {
    let store = try CommandStore()
    for number in 1...3 {
      try ForeignModel.plan02("content \(number)", version: "v\(number)")
        .write(to: store.scratch("plan/adapters/robot_001_v\(number)"))
    }
    try ForeignModel.seed("base").write(to: store.scratch("plan/seed/v1.0.0"))
    let document = try store.json("import", store.scratch("plan"))
    Shape.object(["versions": .list(.published)]).check(document)
    #expect(
      document["versions"]?.asArray?.compactMap { $0["version"]?.asString } == [
        "robot_001_v1", "robot_001_v2", "robot_001_v3", "seed_v1",
      ])
    #expect(try store.ctl("list", "-q").out.split(separator: "\n").count == 4)
    try store.failure("import", store.scratch("plan"), "--version", "7", code: 64, "usage")
    try store.expectSound()
  }

  @Test func `a large archive takes little memory`() throws {
    let store = try CommandStore()
    let weights = String(repeating: "weights ", count: 16 << 20)
    var model = ForeignModel()
    model.add("model.pkl", weights)
    model.add("model_manifest.json", "{\"format\":\"pickle\"}")
    let archive = try model.write(archive: "job_1.tar", in: store.scratch)
    let script =
      "import resource,subprocess,sys\nsubprocess.run(sys.argv[1:],check=True)\n"
      + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    let outcome = try Program.run(
      ["python3", "-c", script, Program.path, "import", archive, "--as", "robot_001", "-q"],
      environment: store.environment)
    let peak = outcome.out.split(separator: "\n").last.flatMap { Int($0) }
    #expect(try #require(peak, "\(outcome.err)") < 64 << 10, "KiB")
  }
}
