import ServerSockets
import Testing

@Suite struct ConnectionQueueTests {
  @Test func admitsUpToTheLimitAndTheRestInOrder() {
    var queue = ConnectionQueue()
    let arrivals = (1...4).map { queue.request($0, limit: 2) }
    #expect(arrivals == [.granted, .granted, .waits(closing: []), .waits(closing: [])])
    let next = [2, 2, 1, 3].map { queue.end($0) }
    #expect(next == [[3], [], [4], []])
    #expect(!queue.isEmpty)
    let last = queue.end(4)
    #expect(last == [] && queue.isEmpty)
  }

  @Test func whoeverGivesUpWaitsNoMore() {
    var queue = ConnectionQueue()
    let arrivals = (1...3).map { queue.request($0, limit: 1) }
    #expect(arrivals == [.granted, .waits(closing: []), .waits(closing: [])])
    let withdrawn = [2, 2, 1].map { queue.withdraw($0) }
    #expect(withdrawn == [true, false, false])
    let next = queue.end(1)
    #expect(next == [3])
  }

  /// Routes to one upstream may have different limits: a small one does not delay the others.
  @Test func aSmallerLimitDelaysNoOthers() {
    var queue = ConnectionQueue()
    let arrivals = [queue.request(1, limit: 4), queue.request(2, limit: 1), queue.request(3, limit: 2)]
    #expect(arrivals == [.granted, .waits(closing: []), .granted])
    let fourth = queue.request(4, limit: 2)
    let next = [queue.end(1), queue.end(3), queue.end(4), queue.end(2)]
    #expect(fourth == .waits(closing: []) && next == [[4], [], [2], []])
    #expect(queue.isEmpty)
  }

  @Test func aLoweredLimitClosesAllConnectionsAtRestThatAreTooMany() {
    var queue = ConnectionQueue()
    _ = (1...4).map { queue.request($0, limit: 4) }
    _ = (1...4).map { queue.markIdle($0) }
    let fifth = queue.request(5, limit: 2)
    #expect(fifth == .waits(closing: [1, 2, 3]))
    let next = [1, 2, 3].map { queue.end($0) }
    #expect(next == [[], [], [5]])
  }

  @Test func connectionsAtRestGiveWayTheOldestFirst() {
    var queue = ConnectionQueue()
    _ = [queue.request(1, limit: 2), queue.request(2, limit: 2)]
    let rest = [queue.markIdle(2), queue.markIdle(1)]
    let third = queue.request(3, limit: 2)
    #expect(rest == [true, true] && third == .waits(closing: [2]))
    // It may have been used in the meantime, and must not be used while others wait.
    let early = [queue.resume(2), queue.resume(1)]
    let next = queue.end(2)
    #expect(early == [false, false] && next == [3])
    let resumed = [queue.resume(1), queue.resume(1)]
    #expect(resumed == [true, false])
  }

  @Test func isFullWhileAllServe() {
    var queue = ConnectionQueue()
    let empty = queue.isFull
    _ = queue.request(1, limit: 2)
    let half = queue.isFull
    _ = queue.request(2, limit: 2)
    #expect([empty, half, queue.isFull] == [false, false, true])
    _ = queue.markIdle(1)
    #expect(!queue.isFull)
    _ = [queue.resume(1), queue.resume(2)]
    #expect(queue.isFull)
    _ = queue.end(2)
    #expect(!queue.isFull)
  }

  @Test func noConnectionRestsWhileOthersWait() {
    var queue = ConnectionQueue()
    _ = [queue.request(1, limit: 1), queue.request(2, limit: 1)]
    let mayStay = queue.markIdle(1)
    let next = queue.end(1)
    let mayStayOnceClosed = queue.markIdle(1)
    #expect(!mayStay && next == [2] && !mayStayOnceClosed)
  }
}
