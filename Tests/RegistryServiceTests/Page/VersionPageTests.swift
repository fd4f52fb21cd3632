import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

@Suite struct `The page of versions` {
  @Test func `has them by adapter, with what they are`() {
    let page = VersionListPage(
      frame(), Example.versions, adapter: nil, isFirst: true, onTrial: true, now: Example.now)
    #expect(page.groups.map(\.adapter) == ["grasp_left", "robot_001"])
    #expect(page.groups[1].rows.map(\.version.text) == (1...5).map { "robot_001_v\($0)" })
    #expect(page.groups[1].rows[3].badges == [Badge("on trial", .warn), Badge("@stable")])
    #expect(page.groups[1].rows[2].badges == [Badge("blocked", .bad), Badge("installed", .info)])
    #expect(page.groups[1].rows[3].metrics == "accuracy 0.94, final_loss 0.1")
    #expect(page.next == "/versions?after=robot_001_v5" && page.first == nil)
  }

  @Test func `of one adapter keeps to it`() {
    let page = VersionListPage(
      frame(), Example.versions, adapter: "robot_001", isFirst: false, onTrial: false, now: Example.now)
    #expect(page.next == "/versions?adapter=robot_001&after=robot_001_v5")
    #expect(page.first == "/versions?adapter=robot_001")
  }
}

@Suite struct `The page of a version` {
  private func page(_ changes: [String: JSONValue] = [:]) -> VersionPage {
    let version = JSONValue.object((Example.shown.asObject ?? [:]).merging(changes) { $1 })
    return VersionPage(
      frame(), VersionPage.Source(version: version, evaluations: Example.evaluations, active: "robot_001_v4"),
      now: Example.now)
  }

  @Test func `says what it is, and what can be done`() {
    let page = page()
    #expect(page.name == "robot_001_v4" && page.isActive && !page.canActivate && !page.canUninstall)
    #expect(page.note == ["Trained on the kitchen recordings.", "Slower approach, firmer grip."])
    #expect(page.facts.first { $0.name == "Base" }?.path == "/versions/robot_001_v3")
    #expect(page.contents.summary == "24 tensors, 98\u{202f}304 numbers of F32")
    #expect(page.contents.files.map(\.runsCode) == [false, false, true] && page.contents.runsCode)
    #expect(page.comparisons.map(\.path) == ["/versions/robot_001_v3/diff/robot_001_v4"])
    #expect(page.evaluations.first?.results.map(\.name) == ["episodes", "seconds_per_task", "success_rate"])
  }

  @Test func `offers what its state allows`() {
    let idle = page(["active": false])
    #expect(idle.canActivate && idle.canUninstall)
    let pinned = page(["active": false, "pinned": true])
    #expect(pinned.canActivate && !pinned.canUninstall)
    let away = page(["active": false, "installed": false])
    #expect(!away.canActivate && !away.canUninstall && !away.isInstalled)
  }

  @Test func `lists some of many tensors`() {
    let tensor: JSONValue = ["name": "t", "file": "f", "dtype": "F32", "shape": [], "bytes": 4]
    let contents = VersionContents(["tensors": .array(Array(repeating: tensor, count: 1_234))])
    #expect(contents.tensors.count == VersionContents.tensorLimit)
    #expect(contents.rest == "1\u{202f}034")
    #expect(contents.tensors.first?.shape == "one number")
  }

  @Test func `leads to files whatever their names are`() {
    #expect(
      PagePath.file("a b/ü#?.npz", of: "robot_001_v1")
        == "/api/models/robot_001_v1/files/a%20b/%C3%BC%23%3F.npz")
  }
}

@Suite struct `The page of a difference` {
  @Test func `has files, fields and tensors`() {
    let page = DiffPage(frame(), Example.diff)
    #expect(page.files.map(\.badge.text) == ["changed", "added"])
    #expect(page.fields.map(\.name) == ["base", "metrics", "note"])
    #expect(page.fields[0].to == "digest sha256:333333333333, version robot_001_v3")
    #expect(page.fields[2].from == "—")
    #expect(page.tensors.first?.difference == "0.0123")
    #expect(page.unchanged == "23 tensors of changed files are the same")
    #expect(!page.isSame)
  }

  @Test func `of the same says so`() {
    #expect(DiffPage(frame(), ["from": "a_v1", "to": "a_v1"]).isSame)
  }
}
