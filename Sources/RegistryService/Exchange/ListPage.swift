/// One page of a list that is in memory.
struct ListPage<Element> {
  let items: [Element]
  /// What the next page's `after` takes; nil at the end.
  let next: String?

  /// - Parameters:
  ///   - rest: what comes behind the page before.
  ///   - cursor: what names an element as the last one of a page.
  init(of rest: [Element], limit: Int, cursor: (Element) -> String) {
    items = Array(rest.prefix(limit))
    next = rest.count > limit ? items.last.map(cursor) : nil
  }
}
