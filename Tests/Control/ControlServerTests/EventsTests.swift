import ControlAPI
import ControlClient
import ControlServer
import Foundation
import Reconciliation
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

/// `/v1/events`: ids, resuming, the filter, the end.
@Suite(.timeLimit(.minutes(5))) struct EventsTests {
  private static let reload = Event.Payload.reload(generation: 2, routes: 4)

  private static func first(_ count: Int, of feed: EventFeed) async throws -> [ServerEvent] {
    var events: [ServerEvent] = []
    for try await event in feed {
      events.append(event)
      if events.count == count { break }
    }
    return events
  }

  @Test func resumesAfterAnId() async throws {
    let agent = StubAgent()
    agent.events.append([Self.reload, Self.reload, Self.reload])
    let events = try await withServer(agent) { client, _ in try await Self.first(2, of: client.events(since: 1001)) }
    #expect(events.map(\.id) == [1002, 1003])
    #expect(events.map(\.event) == ["reload", "reload"])
    guard case .reload(let data) = try events[0].decoded() else {
      Issue.record("wanted a reload, found \(events[0].data)")
      return
    }
    #expect((data.generation, data.routes) == (2, 4))
  }

  @Test func resumesByQueryParameter() async throws {
    let agent = StubAgent()
    agent.events.append([Self.reload, Self.reload])
    let read = try await withServer(agent) { _, socket async throws in
      try await text(of: "/v1/events?since=1001", on: socket.path, until: "data:")
    }
    #expect(read.contains("id: 1002\nevent: reload\ndata: {"))
    #expect(!read.contains("id: 1003"))
  }

  /// A reader that reconnects repeats its first URL: its last ID is newer.
  @Test func theHeaderGoesBeforeTheParameter() async throws {
    let agent = StubAgent()
    agent.events.append([Self.reload, Self.reload, Self.reload])
    let read = try await withServer(agent) { _, socket async throws in
      try await text(of: "/v1/events?since=1001", lastEventID: "1002", on: socket.path, until: "data:")
    }
    #expect(read.contains("id: 1003") && !read.contains("id: 1001") && !read.contains("event: reload\nid: 1002"))
    #expect(!read.contains("id: 1002\nevent"))
  }

  @Test func announcesAGapFirst() async throws {
    let agent = StubAgent()
    agent.events.append(Array(repeating: Self.reload, count: 20))
    let events = try await withServer(agent) { client, _ in try await Self.first(2, of: client.events(since: 1)) }
    #expect(events.map(\.event) == ["overflow", "reload"])
    #expect(events[1].id == 1013)
  }

  @Test func deliversWhatHappensNow() async throws {
    let agent = StubAgent()
    let events = try await withServer(agent) { client, _ async throws in
      try await withThrowingTaskGroup(of: [ServerEvent].self) { group in
        group.addTask { try await Self.first(3, of: client.events(since: 1000)) }
        for number in 1...3 { agent.events.append([.reload(generation: UInt64(number), routes: 0)]) }
        return try await group.next() ?? []
      }
    }
    #expect(events.map(\.id) == [1001, 1002, 1003])
  }

  @Test func filtersByTypeButNeverHidesAGap() async throws {
    let agent = StubAgent()
    let entry = try #require(agent.registry.snapshot.entry("plex"))
    agent.events.append(Array(repeating: Self.reload, count: 9) + [.route(ReportedRoute(entry), isNew: false)])
    let events = try await withServer(agent) { client, _ async throws in
      try await Self.first(2, of: client.events(since: 1, types: ["route.changed"]))
    }
    #expect(events.map(\.event) == ["overflow", "route.changed"])
  }

  @Test func writesToAReaderWhoseFilterTakesNothing() async throws {
    // Large enough that a slow reader gets no overflow.
    let agent = StubAgent(events: EventRing(capacity: 100_000, firstID: 1000))
    let read = try await withServer(agent, heartbeat: .seconds(1)) { _, socket async throws in
      try await withThrowingTaskGroup(of: String.self) { group in
        group.addTask {
          try await text(of: "/v1/events?type=route.changed", on: socket.path, until: ": still here")
        }
        group.addTask {
          // Frequent enough that the stream is never silent for the heartbeat's time.
          try await eventually(every: .milliseconds(5), "a comment came") { () -> String? in
            agent.events.append([Self.reload])
            return nil
          }
        }
        defer { group.cancelAll() }
        return try await group.next() ?? ""
      }
    }
    #expect(read.contains(": still here"))
    #expect(!read.contains("event: reload"))
  }

  /// The delay that the server requests; without one, reconnecting would be a busy loop.
  @Test(arguments: [(400, 400), (0, 100)])
  func pausesAfterAStreamWithoutEvents(asked: Int, taken: Int) async throws {
    let folder = try TemporaryDirectory()
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    let server = try await ScriptedServer(
      ["*": [.send(head + "retry: \(asked)\n\n"), .close]], unixSocket: folder.file("p.sock"))
    let feed = ControlClient(socketPath: folder.file("p.sock")).events()
    let start = ContinuousClock.now
    async let _ = try? Self.first(1, of: feed)
    try await eventually("the reader asked six times") { try await server.events(.request).count >= 6 ? () : nil }
    #expect(.now - start >= .milliseconds(5 * taken))
  }

  @Test func endsWhenTheAgentStopsAndResumesOnTheNextOne() async throws {
    let folder = try TemporaryDirectory()
    var configuration = SocketConfiguration()
    configuration.path = folder.file("p.sock")
    let ring = EventRing(capacity: 8, firstID: 1000)
    let (feed, seen) = (ControlClient(socketPath: configuration.path).events(since: 1000), SeenIDs())
    async let reading: Void = eventually("the reader found an agent") { try? await seen.read(2, of: feed) }
    ring.append([Self.reload])
    try await withServer(StubAgent(events: ring), on: configuration) { _, _ async throws in
      try await eventually("the first event") { seen.ids == [1001] ? () : nil }
    }
    ring.append([Self.reload])
    try await withServer(StubAgent(events: ring), on: configuration) { _, _ async throws in
      try await eventually("the second event") { seen.ids == [1001, 1002] ? () : nil }
    }
    try await reading
  }

  @Test func failsAtOnceWhereNoAgentIs() async throws {
    let folder = try TemporaryDirectory()
    let feed = ControlClient(socketPath: folder.file("none.sock")).events()
    await #expect(throws: ControlClientError.self) { try await Self.first(1, of: feed) }
  }
}

/// The text that a reader has received so far.
private final class SeenIDs: Sendable {
  private let state = Mutex<[UInt64?]>([])
  var ids: [UInt64?] { state.withLock { $0 } }

  func read(_ count: Int, of feed: EventFeed) async throws {
    for try await event in feed {
      state.withLock { $0.append(event.id) }
      if ids.count == count { break }
    }
  }
}
