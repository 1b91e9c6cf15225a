import ServerSockets
import Testing

@Suite struct ConnectionQueueTests {
  @Test func admitsUpToTheLimitAndTheRestInOrder() {
    var queue = ConnectionQueue()
    let arrivals = (1...4).map { queue.arrive($0, limit: 2) }
    #expect(arrivals == [.granted, .granted, .waits(closing: nil), .waits(closing: nil)])
    let next = [2, 2, 1, 3].map { queue.end($0) }
    #expect(next == [[3], [], [4], []])
    #expect(!queue.isEmpty)
    let last = queue.end(4)
    #expect(last == [] && queue.isEmpty)
  }

  @Test func whoeverGivesUpWaitsNoMore() {
    var queue = ConnectionQueue()
    let arrivals = (1...3).map { queue.arrive($0, limit: 1) }
    #expect(arrivals == [.granted, .waits(closing: nil), .waits(closing: nil)])
    let withdrawn = [2, 2, 1].map { queue.withdraw($0) }
    #expect(withdrawn == [[], nil, nil])
    let next = queue.end(1)
    #expect(next == [3])
  }

  /// Routes to one upstream may state different limits: the first in the queue decides, so that nobody is passed over.
  @Test func aGreaterLimitDoesNotOvertake() {
    var queue = ConnectionQueue()
    let arrivals = [queue.arrive(1, limit: 1), queue.arrive(2, limit: 1), queue.arrive(3, limit: 2)]
    #expect(arrivals == [.granted, .waits(closing: nil), .waits(closing: nil)])
    let next = queue.withdraw(2)
    #expect(next == [3])
  }

  @Test func connectionsAtRestGiveWayTheOldestFirst() {
    var queue = ConnectionQueue()
    _ = [queue.arrive(1, limit: 2), queue.arrive(2, limit: 2)]
    let rest = [queue.rest(2), queue.rest(1)]
    let third = queue.arrive(3, limit: 2)
    #expect(rest == [true, true] && third == .waits(closing: 2))
    // It may have been taken in the meantime, and none may be while others wait.
    let early = [queue.resume(2), queue.resume(1)]
    let next = queue.end(2)
    #expect(early == [false, false] && next == [3])
    let resumed = [queue.resume(1), queue.resume(1)]
    #expect(resumed == [true, false])
  }

  @Test func isFullWhileAllServe() {
    var queue = ConnectionQueue()
    let empty = queue.isFull
    _ = queue.arrive(1, limit: 2)
    let half = queue.isFull
    _ = queue.arrive(2, limit: 2)
    #expect([empty, half, queue.isFull] == [false, false, true])
    _ = queue.rest(1)
    #expect(!queue.isFull)
    _ = [queue.resume(1), queue.resume(2)]
    #expect(queue.isFull)
    _ = queue.end(2)
    #expect(!queue.isFull)
  }

  @Test func noConnectionRestsWhileOthersWait() {
    var queue = ConnectionQueue()
    _ = [queue.arrive(1, limit: 1), queue.arrive(2, limit: 1)]
    let mayRest = queue.rest(1)
    let next = queue.end(1)
    let mayRestOnceClosed = queue.rest(1)
    #expect(!mayRest && next == [2] && !mayRestOnceClosed)
  }
}
