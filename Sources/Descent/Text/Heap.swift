/// A binary heap: the smallest element is always at hand. (Williams, "Algorithm 232: Heapsort", 1964)
struct Heap<Element: Comparable> {
  private var elements: [Element] = []

  init() {}

  /// - Complexity: O(n).
  init(_ elements: [Element]) {
    self.elements = elements
    for place in (0..<elements.count / 2).reversed() { sink(elements[place], from: place) }
  }

  var smallest: Element? { elements.first }

  mutating func insert(_ element: Element) {
    var child = elements.count
    elements.append(element)
    while child > 0, case let parent = (child - 1) / 2, element < elements[parent] {
      elements[child] = elements[parent]
      child = parent
    }
    elements[child] = element
  }

  mutating func removeSmallest() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let first = elements.first else { return last }
    sink(last, from: 0)
    return first
  }

  /// Puts an element where both below it are no smaller, from a place on that is free.
  private mutating func sink(_ element: Element, from place: Int) {
    var parent = place
    while case var child = 2 * parent + 1, child < elements.count {
      if child + 1 < elements.count && elements[child + 1] < elements[child] { child += 1 }
      guard elements[child] < element else { break }
      elements[parent] = elements[child]
      parent = child
    }
    elements[parent] = element
  }
}
