import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl import` {
  @Test func `makes a version of a folder, and answers as publish does`() throws {
    let store = try CommandStore()
    let folder = try ForeignModel.plan02("four").write("robot_001_v4", in: store.scratch)
    let document = try store.json("import", folder)
    Shape.published.check(document)
    #expect(document["version"]?.asString == "robot_001_v4" && document["existing"]?.asBool == false)
    #expect(document["files"]?.asInt == 1 && document["number"]?.asInt == 4)
    let shown = try store.json("show", "robot_001_v4")
    Shape.shown.check(shown)
    #expect(shown["origin"]?["layout"]?.asString == "plan02" && shown["origin_version"]?.isNull == true)
    let again = try store.ctl("import", folder).out
    #expect(again.hasPrefix("robot_001_v4 is the same content already"))
    #expect(try store.ctl("import", folder, "-q").out == "robot_001_v4\n")
    try store.expectSound()
  }

  @Test func `a seed in an archive is found by its own name`() throws {
    let store = try CommandStore.ready()
    let archive = try ForeignModel.seed("base").write(archive: "seed.tar.gz", in: store.scratch)
    #expect(try store.ctl("import", archive).out.hasPrefix("imported seed_v1 (sha256:"))
    #expect(try store.ctl("show", "seed/v1.0.0").out.contains("origin    plan02 v1.0.0"))
    #expect(try store.ctl("list", "seed").out.contains("installed, from v1.0.0"))
    let list = try store.json("list", "seed")
    Shape.list.check(list)
    #expect(list["versions"]?.asArray?.first?["origin_version"]?.asString == "v1.0.0")
    try store.ctl("activate", "seed/v1.0.0")
    try store.expectSound()
  }

  @Test func `a cloud job's folder needs an adapter`() throws {
    let store = try CommandStore.ready()
    let folder = try ForeignModel.cloud("trained").write("job_9f2c", in: store.scratch)
    let error = try store.failure("import", folder, code: 64, "usage")
    #expect(error.hint.contains("--as"))
    let document = try store.json("import", folder, "--as", "robot_001")
    #expect(document["number"]?.asInt == 4, "the next one")
    #expect(try store.json("show", "robot_001_v4")["job"]?["id"]?.asString == "job_9f2c")
    #expect(try store.json("import", folder, "--as", "robot_002", "--version", "7")["number"]?.asInt == 7)
  }

  @Test func `refuses what nobody vouches for, and makes no version`() throws {
    let store = try CommandStore.ready()
    let folder = try ForeignModel.plan02("four").write("robot_001_v4", in: store.scratch)
    try store.scratch.write("robot_001_v4/lora_adapters.npz", "weights of fear")
    try store.failure("import", folder, code: 5, "integrity")
    let taken = try ForeignModel.plan02("other", version: "v2").write("taken", in: store.scratch)
    try store.failure("import", taken, code: 4, "refused")
    try store.failure("import", store.scratch("nothing"), code: 3, "not_found")
    let address = try store.failure("import", "gs://bucket/models/job_1", code: 4, "refused")
    #expect(address.hint.contains("allow"))
    #expect(try store.ctl("list", "-q").out == "robot_001_v1\nrobot_001_v2\nrobot_001_v3\n")
    try store.expectSound()
  }

  @Test func `an address doesn't make a store`() throws {
    let store = try CommandStore()
    try store.failure("import", "s3://bucket/x", code: 64, "usage")
    #expect(!FileManager.default.fileExists(atPath: store.root))
  }
}
