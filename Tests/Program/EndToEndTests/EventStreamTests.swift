import Glibc
import TestSupport
import Testing

/// `GET /v1/events`: no kept event is lost, and any loss is reported.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct EventStreamTests {
  private func start() async throws -> RunningAgent {
    let pve = try SharedCluster.required()
    return try await RunningAgent.ready(
      AgentFiles(
        clusters: [pve.entry()], routes: ["routes.yml": "jellyfin: {port: 8096, healthcheck: {disable: true}}"]))
  }

  /// Causes three events: a route is added, changed and removed.
  private func makeEvents(_ agent: RunningAgent) async throws {
    let first = try await EventStream(of: agent)
    for routes in ["a: {host: 127.0.0.1, port: 9}", "a: {host: 127.0.0.1, port: 10}", "{}"] {
      try agent.files.directory.write(routes, to: "routes.yml")
      #expect(try await agent.post("/v1/reload").status == 200)
    }
    try await first.wait(for: "route.removed", aboutRoute: "a")
  }

  @Test func resumesAfterTheLastEventID() async throws {
    let agent = try await start()
    let live = try await EventStream(of: agent)
    try await makeEvents(agent)
    try await live.wait(for: "route.removed", aboutRoute: "a")
    let all = live.received
    let ids = all.compactMap(\.id)
    #expect(ids == ids.sorted() && Set(ids).count == ids.count, "ids increase: \(ids)")
    let added = try #require(all.firstIndex { $0.type == "route.added" && $0.data.description.contains("\"a\"") })
    let id = try #require(all[added].id)
    let removed = try #require(all.lastIndex { $0.type == "route.removed" && $0.data.description.contains("\"a\"") })
    let later = all[(added + 1)...removed].compactMap(\.id)

    for resumed in [
      try await EventStream(of: agent, lastEventID: "\(id)"), try await EventStream(of: agent, query: "?since=\(id)"),
    ] {
      try await resumed.wait(for: "route.removed", aboutRoute: "a")
      #expect(Array(resumed.received.compactMap(\.id).prefix(later.count)) == later)
    }
  }

  @Test(.timeLimit(.minutes(10))) func theCommandBeginsAfterTheIDThatItIsGiven() async throws {
    let agent = try await start()
    let live = try await EventStream(of: agent)
    try await makeEvents(agent)
    try await live.wait(for: "route.removed", aboutRoute: "a")
    let added = try #require(
      live.received.first { $0.type == "route.added" && $0.data.description.contains("\"a\"") }?.id)
    let command = try Program(
      Checkout.product("pvescout"),
      ["events", "--since", "\(added)", "-o", "json", "--socket", agent.files.socketPath])
    try await eventually("the later events are printed; there is \(command.output)") {
      command.output.hasLine(with: "route.removed", "\"a\"") ? () : nil
    }
    let ids = try command.output.split(separator: "\n").map { try JSON(parsing: String($0))["id"].int }
    #expect(ids.allSatisfy { ($0 ?? 0) > added } && ids.first == live.received.compactMap(\.id).first { $0 > added })
    command.signal(SIGKILL)
  }

  @Test func saysOverflowToAnUnknownID() async throws {
    let agent = try await start()
    for unknown in ["1", "999999999999999"] {
      let events = try await EventStream(of: agent, lastEventID: unknown)
      try await events.wait(for: "overflow")
      #expect(events.received.first?.type == "overflow")
    }
  }

  @Test func countsOnAcrossARestart() async throws {
    let agent = try await start()
    let before = try await EventStream(of: agent)
    try await makeEvents(agent)
    try await before.wait(for: "route.removed", aboutRoute: "a")
    let last = try #require(before.received.compactMap(\.id).max())
    #expect(try await agent.stop() == .code(0))
    let again = try await RunningAgent.ready(agent.files)
    let after = try await EventStream(of: again)
    try await makeEvents(again)
    try await after.wait(for: "route.removed", aboutRoute: "a")
    #expect(try #require(after.received.compactMap(\.id).min()) > last)
  }

  @Test func theCommandFollowsOneType() async throws {
    let agent = try await start()
    let follower = try Program(
      Checkout.product("pvescout"), ["events", "--since", "0", "--type", "route.removed", "-o", "json"],
      environment: ["PVESCOUT_SOCKET": agent.files.socketPath])
    try await makeEvents(agent)
    let line = try await eventually("the command prints it; it said: \(follower.errors)") {
      follower.output.split(separator: "\n").first { $0.contains("\"alias\":\"a\"") }
    }
    #expect(line.contains("route.removed"))
    #expect(!follower.output.contains("route.added"))
  }
}
