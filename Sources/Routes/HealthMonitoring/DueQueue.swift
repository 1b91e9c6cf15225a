import RouteModel

/// Elements by due time, earliest first: a binary heap.
struct DueQueue<Element: Sendable>: Sendable {
  private struct Place: Sendable {
    // A compact value of fixed size, unlike an instant of the clock, so that moving it takes a few instructions.
    var due: CompactInstant
    var element: Element
  }

  private var heap: [Place] = []

  var count: Int { heap.count }
  var first: (due: ContinuousClock.Instant, element: Element)? { heap.first.map { ($0.due.instant, $0.element) } }

  mutating func insert(_ element: Element, due: ContinuousClock.Instant) {
    insert(Place(due: CompactInstant(due), element: element))
  }

  private mutating func insert(_ place: Place) {
    heap.append(place)
    var child = heap.count - 1
    while child > 0, heap[child].due < heap[(child - 1) / 2].due {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    guard let last = heap.popLast(), !heap.isEmpty else { return }
    heap[0] = last
    sink()
  }

  /// Removes the elements that are no longer wanted.
  mutating func keep(where isWanted: (Element) -> Bool) {
    let kept = heap.filter { isWanted($0.element) }
    heap = []
    for place in kept { insert(place) }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && heap[child].due < heap[least].due {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
