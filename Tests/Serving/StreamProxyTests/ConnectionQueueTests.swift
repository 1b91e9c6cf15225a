import Testing

@testable import ServerSockets

@Suite(.timeLimit(.minutes(5))) struct ConnectionQueueTests {
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

  @Test func requestsOfEachLimitAreAdmittedInOrder() {
    var queue = ConnectionQueue()
    _ = (1...3).map { queue.request($0, limit: 3) }
    for id in 4...7 as ClosedRange<UInt64> { _ = queue.request(id, limit: id.isMultiple(of: 2) ? 2 : 3) }
    let next = [1, 2, 3, 5, 7, 4, 6].map { queue.end($0) }
    #expect(next == [[5], [7], [], [4], [6], [], []])
    #expect(queue.isEmpty)
  }

  @Test func manyThatGiveUpAtOnceLeaveTheOthersInOrder() {
    let count = ConnectionQueue.ID(100_000)
    var queue = ConnectionQueue(maxWaiting: Int(count))
    _ = (0...count).map { queue.request($0, limit: 1) }
    // From the last one on, and not the first one.
    let withdrawn = (2...count).reversed().filter { !$0.isMultiple(of: 1000) }.map { queue.withdraw($0) }
    #expect(withdrawn.count == 99_899 && !withdrawn.contains(false))
    let rest = (1...100).map { $0 * 1000 } as [ConnectionQueue.ID]
    let next = ([0, 1] + rest).map { queue.end($0) }
    #expect(next == [[1]] + rest.map { [$0] } + [[]])
    #expect(queue.isEmpty)
  }

  /// A small limit does not make the others pass all that wait for it.
  @Test func manyThatWaitForASmallLimitDelayNoOthers() {
    let count = ConnectionQueue.ID(100_000)
    var queue = ConnectionQueue(maxWaiting: 2 * Int(count))
    _ = [queue.request(0, limit: 2), queue.request(1, limit: 2)]
    for id in 2..<count { _ = queue.request(id, limit: 1) }
    for id in count..<2 * count { _ = queue.request(id, limit: 2) }
    let next = (count..<2 * count).map { queue.end($0 - count < 1 ? 0 : $0 - 1) }
    #expect(next == (count..<2 * count).map { [$0] })
  }

  @Test func aClientDoesNotTakeAllPlaces() {
    var queue = ConnectionQueue()
    let most = ConnectionQueue.ID(ConnectionQueue.maxWaitingPerClient)
    _ = queue.request(0, limit: 1, client: "a")
    let arrivals = (1...most).map { queue.request($0, limit: 1, client: "a") }
    #expect(arrivals.allSatisfy { $0 == .waits(closing: []) })
    let refused = queue.request(most + 1, limit: 1, client: "a")
    let other = queue.request(most + 2, limit: 1, client: "b")
    #expect(refused == .refused && other == .waits(closing: []))
    // A place is free again after a request has left, or was granted.
    let withdrawn = queue.withdraw(2)
    let again = [queue.request(most + 3, limit: 1, client: "a"), queue.request(most + 4, limit: 1, client: "a")]
    #expect(withdrawn && again == [.waits(closing: []), .refused])
    let next = queue.end(0)
    let last = queue.request(most + 5, limit: 1, client: "a")
    #expect(next == [1] && last == .waits(closing: []))
  }

  @Test func thoseThatGaveUpAreNotKept() {
    var requests = WaitingRequests()
    requests.append(0, of: "a")
    let ids = 1...ConnectionQueue.ID(10_000)
    let counts = ids.map { id in
      requests.append(id, of: "a")
      requests.remove(id)
      return requests.entries.count
    }
    #expect(counts.allSatisfy { $0 <= 2 })
    #expect(requests.first == 0 && requests.count == 1)
  }

  @Test func refusesWhatExceedsTheBound() {
    var queue = ConnectionQueue(maxWaiting: 2)
    _ = [queue.request(1, limit: 2), queue.request(2, limit: 2)]
    let arrivals = [queue.request(3, limit: 2), queue.request(4, limit: 1), queue.request(5, limit: 2)]
    #expect(arrivals == [.waits(closing: []), .waits(closing: []), .refused])
    let withdrawn = [queue.withdraw(5), queue.withdraw(3)]
    #expect(withdrawn == [false, true])
    let sixth = queue.request(6, limit: 2)
    let next = [1, 2, 6, 4].map { queue.end($0) }
    #expect(sixth == .waits(closing: []) && next == [[6], [], [4], []])
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

extension ConnectionQueue {
  /// A request of a client of its own.
  fileprivate mutating func request(_ id: ID, limit: Int) -> Admission {
    request(id, limit: limit, client: "\(id)")
  }
}
