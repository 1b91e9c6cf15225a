import TestSupport
import Testing

/// The first poll that can see a change of a guest applies it: after each change, the lab answers just one more list
/// and holds all later ones, so no clock is needed to prove it.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct FollowingTests {
  private static let oneMorePoll: JSON = ["op": "limit", "path": "/cluster/resources", "times": 1]

  private static let routes = """
    explicit: {proxmox: {vmid: 100}, port: 8096, healthcheck: {disable: true}}
    jellyfin: {port: 8096, healthcheck: {disable: true}}
    untouched: {proxmox: {vmid: 101}, port: 80, healthcheck: {disable: true}}
    """

  private func start() async throws -> (FakePVE, RunningAgent) {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": Self.routes]))
    for alias in ["explicit", "jellyfin", "untouched"] {
      try await agent.route(alias, "links") { $0["link"]["state"] == "linked" && $0["target"] != .null }
    }
    return (pve, agent)
  }

  @Test func followsAMigration() async throws {
    let (pve, agent) = try await start()
    try await pve.control(["op": "move", "vmid": 100, "node": "pve3"], Self.oneMorePoll)
    for alias in ["explicit", "jellyfin"] {
      try await agent.route(alias, "moves to pve3") {
        $0["link"]["node"] == "pve3" && $0["link"]["vmid"] == 100 && $0["link"]["state"] == "linked"
      }
    }
  }

  @Test func followsARename() async throws {
    let (pve, agent) = try await start()
    try await pve.control(["op": "rename", "vmid": 100, "name": "media"], Self.oneMorePoll)
    try await agent.route("explicit", "holds through the rename") {
      $0["link"]["name"] == "media" && $0["link"]["vmid"] == 100
    }
    try await agent.route("jellyfin", "loses the guest that has another name now") {
      $0["link"]["state"] == "unlinked" && $0["target"] == .null
    }
    #expect(try await agent.get("/v1/lookup?alias=media")["link"]["vmid"] == 100)
  }

  @Test func followsAStopAndAStart() async throws {
    let (pve, agent) = try await start()
    try await pve.control(["op": "status", "vmid": 100, "status": "stopped"], Self.oneMorePoll)
    for alias in ["explicit", "jellyfin"] {
      try await agent.route(alias, "knows that its guest stopped") {
        $0["link"]["guest_status"] == "stopped" && $0["link"]["state"] == "linked"
      }
    }
    try await pve.control(["op": "clear"], ["op": "status", "vmid": 100, "status": "running"], Self.oneMorePoll)
    try await agent.route("explicit", "knows that its guest runs") { $0["link"]["guest_status"] == "running" }
  }

  @Test func unlinksARemovedGuest() async throws {
    let (pve, agent) = try await start()
    try await pve.control(["op": "remove", "vmid": 100], Self.oneMorePoll)
    let explicit = try await agent.route("explicit", "loses its guest") { $0["link"]["state"] == "unlinked" }
    #expect(explicit["link"]["reason"] != .null)
    #expect(explicit["target"] == .null && explicit["health"]["status"] == "unknown", "\(explicit)")
  }

  @Test func followsAClone() async throws {
    let (pve, agent) = try await start()
    let events = try await EventStream(of: agent)
    try await pve.control(["op": "clone", "vmid": 100, "newid": 990, "name": "trial"])
    try await events.wait(for: "guest.changed") { $0["vmid"] == 990 && $0["before"] == .null }
    #expect(try await agent.get("/v1/lookup?alias=trial")["link"]["vmid"] == 990)
    #expect(try await agent.route("jellyfin")["link"]["vmid"] == 100)
    #expect(!events.received.contains { $0.type == "link.changed" }, "no route is about the copy")

    try await pve.control(["op": "clone", "vmid": 100, "newid": 991, "name": "jellyfin"])
    try await events.wait(for: "guest.changed") { $0["vmid"] == 991 && $0["before"] == .null }
    #expect(try await agent.route("jellyfin")["link"]["vmid"] == 100, "the one that runs goes before its stopped copy")
    try await pve.control(["op": "status", "vmid": 991, "status": "running"])
    try await agent.route("jellyfin", "does not guess which of two guests of its name is meant") {
      $0["link"]["state"] == "ambiguous" && $0["link"]["candidates"].elements.count == 2
    }
    #expect(try await agent.route("explicit")["link"]["vmid"] == 100)
  }

  /// Each change is reported once, only for the routes it affects.
  @Test func reportsOnlyTheRoutesThatAChangeTouches() async throws {
    let (pve, agent) = try await start()
    let events = try await EventStream(of: agent)
    try await pve.control(["op": "move", "vmid": 100, "node": "pve3"])
    try await events.wait(for: "link.changed", aboutRoute: "explicit")
    try await events.wait(for: "link.changed", aboutRoute: "jellyfin")
    try await events.wait(for: "guest.changed") { $0["vmid"] == 100 || $0["guest"]["vmid"] == 100 }
    let touched = events.received.filter { $0.type == "link.changed" }.map { $0.data.description }
    #expect(!touched.contains { $0.contains("untouched") }, "\(touched)")
  }

  /// `address_refresh` finds the new address without a failing route.
  @Test func followsAnAddressWhenItsRefreshIsDue() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let old = try #require(try pve.guest("jellyfin").address)
    let new = "\(pve.manifest.network).2.77"
    var files = try AgentFiles(
      clusters: [pve.entry()],
      routes: ["routes.yml": "by-address: {host: \(new), port: 80, healthcheck: {disable: true}}"])
    files.discovery = "{interval: 500ms, address_refresh: 1s, request_timeout: 60s}"
    let agent = try await RunningAgent.ready(files)
    #expect(try await agent.route("by-address")["link"]["state"] == "unlinked")
    try await pve.control(["op": "address", "vmid": 100, "address": .string(new)])
    try await agent.route("by-address", "finds the guest at its new address") { $0["link"]["vmid"] == 100 }
    #expect(try await agent.get("/v1/lookup?address=\(old)")["link"]["state"] == "unlinked")
  }

  /// A failing route triggers a read of its guest's address at once, long before the refresh is due.
  @Test(arguments: ["jellyfin", "paperless"])
  func followsAnAddressWhenItsRouteFails(name: String) async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let guest = try pve.guest(name)
    let old = try #require(guest.address)
    let new = "\(pve.manifest.network).2.78"
    let port = try #require(try await pve.control(["op": "serve", "address": .string(old)]).int)
    var files = try AgentFiles(
      clusters: [pve.entry()], routes: ["routes.yml": "\(name): {port: \(port), scheme: http}"])
    files.discovery = "{interval: 500ms, address_refresh: 1h, request_timeout: 60s}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route(name, "is healthy at its first address") {
      $0["health"]["status"] == "healthy" && $0["target"] == .string("http://\(old):\(port)")
    }
    try await pve.control(
      ["op": "address", "vmid": .number(Double(guest.vmid)), "address": .string(new)],
      ["op": "silence", "address": .string(old), "port": .number(Double(port))],
      ["op": "serve", "address": .string(new), "port": .number(Double(port))])
    try await agent.route(name, "is healthy at its second address") {
      $0["health"]["status"] == "healthy" && $0["target"] == .string("http://\(new):\(port)")
    }
  }
}
