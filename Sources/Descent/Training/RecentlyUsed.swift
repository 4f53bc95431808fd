/// The elements that were used last, of which only so many are kept.
struct RecentlyUsed<Element> {
  private let capacity: Int
  /// The one used last is at the end.
  private var elements: [Element] = []

  init(capacity: Int) { self.capacity = capacity }

  /// An element that fits, which counts as a use.
  mutating func use(where fits: (Element) -> Bool) -> Element? {
    guard let position = elements.lastIndex(where: fits) else { return nil }
    if position < elements.count - 1 { elements.append(elements.remove(at: position)) }
    return elements.last
  }

  mutating func append(_ element: Element) {
    if elements.count == capacity { elements.removeFirst() }
    elements.append(element)
  }

  mutating func removeAll() { elements.removeAll() }
}

/// For how many shapes of arguments compiled programs are kept. Plans hold working memory, so that data in which every
/// batch has another shape must not keep them all.
let mostPlans = 16
