import RegistryModel
import Testing

@testable import RegistryService

/// What stands around a page for who may do all of it.
func frame(_ scopes: Set<TokenScope> = [.admin], _ way: Caller.Way = .session(token: "anna")) -> PageFrame {
  PageFrame(
    title: "Title", section: .overview, caller: Caller(way, scopes: scopes),
    antiForgery: way == .local ? nil : "f00d", robot: "robot-001", root: "/var/lib/modelctl", generation: 12,
    now: PageExamples.now)
}

@Suite struct `The frame of a page` {
  @Test func `says who one is, and what one may`() {
    let admin = frame()
    #expect(admin.account == "anna" && admin.mayOperate && admin.mayTrain && !admin.isLooking)
    #expect(
      admin.places.last?.text == "Tokens" && admin.places.filter(\.isCurrent).map(\.text) == ["Overview"])
    let reader = frame([.read])
    #expect(reader.isLooking && !reader.mayOperate && !reader.mayTrain)
    #expect(reader.places.allSatisfy { $0.text != "Tokens" })
  }

  @Test func `without tokens one may look`() {
    let local = frame([.read], .local)
    #expect(local.isWithoutTokens && !local.isSignedIn && !local.isLooking && local.antiForgery.isEmpty)
  }
}
