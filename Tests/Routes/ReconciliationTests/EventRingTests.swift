import Foundation
import Reconciliation
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventRingTests {
  @Test func idsIncreaseFromTheFirst() {
    let ring = EventRing(capacity: 8, firstID: 100)
    ring.append([.reload(generation: 1, routes: 0), .reload(generation: 2, routes: 0)])
    #expect(ring.lastID == 102)
  }

  @Test(arguments: [-1e18, -86_400, 0, 1_700_000_000, 253_402_300_799, 1e300])
  func startsWhateverTheClockSays(seconds: Double) {
    let first = EventRing.firstID(at: Date(timeIntervalSince1970: seconds))
    #expect((1...9_000_000_000_000_000_000).contains(first))
    if seconds == 1_700_000_000 { #expect(first == 1_700_000_000_000_000) }
  }

  @Test func resumesAfterAnID() async {
    let ring = EventRing(capacity: 8, firstID: 100)
    ring.append((1...5).map { .reload(generation: $0, routes: 0) })
    #expect(await first(3, of: ring.events(since: 102)).map(\.id) == [103, 104, 105])
  }

  @Test(arguments: [UInt64(1), 101, 999])
  func anUnknownOrTooOldIDGetsAnOverflowFirst(since: UInt64) async {
    let ring = EventRing(capacity: 3, firstID: 100)
    ring.append((1...6).map { .reload(generation: $0, routes: 0) })
    let events = ring.events(since: since)
    let head = await first(1, of: events)
    #expect(head.map(\.kind) == [.overflow])
    ring.append([.reload(generation: 7, routes: 0)])
    let next = await first(1, of: events)
    #expect(next.map(\.id) == [since == 999 ? 107 : 104])
  }

  @Test func liveEventsWakeTheReader() async {
    let ring = EventRing(capacity: 8, firstID: 0)
    let events = ring.events(since: nil)
    async let got = first(2, of: events)
    ring.append([.reload(generation: 1, routes: 0)])
    ring.append([.reload(generation: 2, routes: 0)])
    #expect(await got.map(\.id) == [1, 2])
  }

  @Test func aReaderThatFellBehindIsToldSo() async {
    let ring = EventRing(capacity: 2, firstID: 0)
    let events = ring.events(since: nil)
    for number in 1...5 { ring.append([.reload(generation: UInt64(number), routes: 0)]) }
    let got = await first(3, of: events)
    #expect(got.map(\.kind) == [.overflow, .reload, .reload])
    #expect(got.map(\.id) == [3, 4, 5])
  }

  @Test func aCancelledReaderEnds() async {
    let ring = EventRing(capacity: 2, firstID: 0)
    await withTaskGroup { group in
      group.addTask { for await _ in ring.events(since: nil) {} }
      group.cancelAll()
    }
  }

  private func first(_ count: Int, of events: AsyncStream<Event>) async -> [Event] {
    var got: [Event] = []
    for await event in events {
      got.append(event)
      if got.count == count { break }
    }
    return got
  }
}
