import Testing

@testable import HealthMonitoring

@Suite struct DueQueueTests {
  @Test func givesTheEarliestFirst() {
    let start = ContinuousClock.now
    let seconds = (0..<500).map { $0 * 7919 % 500 }
    var queue = DueQueue<Int>()
    for second in seconds { queue.insert(second, due: start + .seconds(second)) }
    #expect(drain(&queue) == Array(0..<500))
    #expect(queue.first == nil)
  }

  @Test func dropsWhatIsNotWanted() {
    let start = ContinuousClock.now
    var queue = DueQueue<Int>()
    for second in [5, 3, 4, 1, 2, 0] { queue.insert(second, due: start + .seconds(second)) }
    queue.keep { $0.isMultiple(of: 2) }
    #expect(drain(&queue) == [0, 2, 4])
  }

  private func drain(_ queue: inout DueQueue<Int>) -> [Int] {
    var drained: [Int] = []
    while let (_, element) = queue.first {
      drained.append(element)
      queue.removeFirst()
    }
    return drained
  }
}
