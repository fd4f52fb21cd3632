import Testing

@testable import RegistryService

@Suite struct `Numbers and times for people` {
  @Test func `are short`() {
    #expect(Shown.span(0) == "0 s" && Shown.span(61_000) == "1 min 1 s" && Shown.span(3_600_000) == "1 h")
    #expect(Shown.span(90_000_000) == "1 day" && Shown.span(-5) == "0 s")
    #expect(Shown.grouped(1_234_567) == "1\u{202f}234\u{202f}567" && Shown.grouped(-1_000) == "−1\u{202f}000")
    #expect(Shown.number(0.123456) == "0.1235" && Shown.number(3) == "3" && Shown.number(1e300) == "1e+300")
    #expect(Shown.percent(5, of: 0) == 0 && Shown.percent(7, of: 5) == 100)
    #expect(Shown.count(1, "file") == "1 file" && Shown.count(2, "file") == "2 files")
  }

  @Test func `say when`() {
    let moment = Moment("2026-01-05T10:14:59.000Z", now: PageExamples.now)
    #expect(
      moment.text == "2026-01-05 10:14:59 UTC" && moment.short == "2026-01-05 10:14"
        && moment.ago == "1 s ago")
    #expect(Moment("2027-01-05T10:14:59.000Z", now: PageExamples.now).ago == "in the future")
    #expect(Moment("yesterday", now: PageExamples.now).text == "yesterday")
  }
}
