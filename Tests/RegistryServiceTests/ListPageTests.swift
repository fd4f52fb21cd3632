import Testing

@testable import RegistryService

@Suite struct `A page of a list in memory` {
  private func page(_ rest: [Int], _ limit: Int) -> ListPage<Int> {
    ListPage(of: rest, limit: limit, cursor: { "\($0)" })
  }

  @Test func `names its last element where there is more`() {
    #expect(page([1, 2, 3], 2).items == [1, 2])
    #expect(page([1, 2, 3], 2).next == "2")
  }

  @Test func `is the last one where it takes everything`() {
    #expect(page([1, 2], 2).items == [1, 2])
    #expect(page([1, 2], 2).next == nil)
    #expect(page([], 2).items.isEmpty)
    #expect(page([], 2).next == nil)
  }
}
