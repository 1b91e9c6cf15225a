import RouteModel
import RouteRegistry
import Testing

@testable import ProxyTraffic

@Suite(.timeLimit(.minutes(5))) struct RouteTrafficTests {
  @Test(arguments: [(99, 0), (0, 0), (101, 1), (200, 2), (304, 3), (404, 4), (599, 5), (600, 0), (-1, 0)])
  func countsRequestsByTheClassOfTheirStatus(status: Int, column: Int) {
    let traffic = RouteTraffic()
    traffic.requestBegan()
    traffic.requestEnded(status: status, received: 0, sent: 0, microseconds: 1)
    #expect(traffic.totals.requests.enumerated().filter { $0.element > 0 }.map(\.offset) == [column])
  }

  @Test func countsWhatIsUnderWayAndWhatPassed() {
    let traffic = RouteTraffic()
    traffic.requestBegan()
    traffic.requestBegan()
    #expect(traffic.totals.inFlight == 2)
    #expect(traffic.isInUse)
    traffic.requestEnded(status: 200, received: 10, sent: 200, microseconds: 1500)
    traffic.requestEnded(status: 502, received: 0, sent: 30, microseconds: 90_000_000)
    traffic.transferred(received: 5, sent: 6)
    let totals = traffic.totals
    #expect((totals.inFlight, totals.received, totals.sent) == (0, 15, 236))
    #expect(!traffic.isInUse)
    #expect(totals.durations.count == 2)
    #expect(totals.durations.sum == .microseconds(90_001_500))
  }

  @Test(arguments: [(0, 0), (1000, 0), (1001, 1), (2500, 1), (10_000_000, 12), (10_000_001, 13)] as [(Int64, Int)])
  func sortsDurationsIntoBucketsThatHoldAllShorterOnes(microseconds: Int64, first: Int) {
    let traffic = RouteTraffic()
    traffic.requestEnded(status: 200, received: 0, sent: 0, microseconds: microseconds)
    let buckets = traffic.totals.durations.buckets
    #expect(buckets.map(\.count) == (0..<13).map { $0 < first ? 0 : 1 })
    #expect(buckets.first?.upTo == .milliseconds(1))
    #expect(buckets.last?.upTo == .seconds(10))
  }

  @Test(arguments: RouteTraffic.Connection.allCases)
  func countsConnectionsOfEachKind(kind: RouteTraffic.Connection) {
    let traffic = RouteTraffic()
    traffic.opened(kind)
    traffic.opened(kind)
    traffic.closed(kind)
    #expect(traffic.isInUse)
    for connections in traffic.totals.connections {
      let isIt = connections.kind == kind
      #expect((connections.opened, connections.open) == (isIt ? 2 : 0, isIt ? 1 : 0))
    }
  }

  @Test func losesNothingAmongThreads() async {
    let traffic = RouteTraffic()
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for number in 0..<10_000 {
            traffic.requestBegan()
            traffic.requestEnded(status: 200, received: 1, sent: 2, microseconds: Int64(number))
            if number.isMultiple(of: 500) { await Task.yield() }
          }
        }
      }
    }
    let totals = traffic.totals
    #expect((totals.requests[2], totals.inFlight, totals.received, totals.sent) == (40_000, 0, 40_000, 80_000))
    #expect(totals.durations.count == 40_000)
    #expect(totals.durations.sum == .microseconds(4 * 9999 * 5000))
  }
}

@Suite struct TrafficBookTests {
  private let registry = RouteRegistry()
  private let start = ContinuousClock.now

  @Test func keepsTheCountersOfARelinkedRoute() throws {
    let book = TrafficBook(registry: registry)
    let before = try makeRoute("plex")
    let after = try makeRoute("plex", target: .network(scheme: .http, host: "127.0.0.1", port: 80))
    #expect(book.traffic(for: before) === book.traffic(for: after))
    #expect(try book.traffic(for: makeRoute("other")) !== book.traffic(for: after))
  }

  @Test func reportsTheTrafficOfServedRoutes() throws {
    let book = TrafficBook(registry: registry)
    let (plex, gone, quiet) = (try makeRoute("plex"), try makeRoute("gone"), try makeRoute("quiet"))
    registry.apply(adding: [plex, quiet])
    book.traffic(for: plex).requestEnded(status: 200, received: 0, sent: 7, microseconds: 1)
    _ = book.traffic(for: gone)
    let totals = book.totals(of: registry.snapshot)
    #expect(totals.map(\.entry.key) == ["plex"])
    #expect(totals.first?.totals.sent == 7)
  }

  @Test func forgetsRoutesThatAreLongGone() throws {
    let book = TrafficBook(registry: registry)
    let (plex, gone, busy) = (try makeRoute("plex"), try makeRoute("gone"), try makeRoute("busy"))
    registry.apply(adding: [plex])
    let before = book.traffic(for: gone, at: start)
    _ = book.traffic(for: plex, at: start)
    book.traffic(for: busy, at: start).opened(.tcp)
    _ = book.totals(of: registry.snapshot, at: start)
    _ = book.totals(of: registry.snapshot, at: start + .seconds(3599))
    #expect(book.traffic(for: gone, at: start) === before)
    _ = book.totals(of: registry.snapshot, at: start + .seconds(3600))
    #expect(book.count == 2)
    #expect(book.traffic(for: gone, at: start) !== before)
  }

  @Test func aRouteThatComesBackStartsItsHourAgain() throws {
    let book = TrafficBook(registry: registry)
    let plex = try makeRoute("plex")
    let traffic = book.traffic(for: plex, at: start)
    _ = book.totals(of: registry.snapshot, at: start)
    registry.apply(adding: [plex])
    _ = book.totals(of: registry.snapshot, at: start + .seconds(3000))
    registry.apply(adding: [], removing: [plex.id])
    _ = book.totals(of: registry.snapshot, at: start + .seconds(4000))
    _ = book.totals(of: registry.snapshot, at: start + .seconds(7000))
    #expect(book.traffic(for: plex, at: start) === traffic)
  }

  /// New routes trigger the check, in case the totals are never read.
  @Test func forgetsWithoutBeingAskedForTotals() throws {
    let book = TrafficBook(registry: registry)
    for (hour, alias) in ["a", "b", "c", "d", "e", "f"].enumerated() {
      _ = try book.traffic(for: makeRoute(alias), at: start + .seconds(3601 * (hour + 1)))
    }
    #expect(book.count < 4)
  }
}
