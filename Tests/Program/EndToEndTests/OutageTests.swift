import Foundation
import TestSupport
import Testing

/// The cluster fails and recovers while the agent runs on.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct OutageTests {
  private static let routes = """
    jellyfin: {port: 8096, healthcheck: {disable: true}}
    nextcloud: {port: 80, healthcheck: {disable: true}}
    """

  @Test func keepsAnsweringWithStaleDataAndRecovers() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": Self.routes]))
    try await agent.route("jellyfin", "links") { $0["link"]["state"] == "linked" }

    try await pve.stop()
    let cluster = try await agent.cluster("lab", "is stale") { $0["stale"] == true }
    #expect(cluster["error"].string?.contains("refused") == true, "\(cluster)")
    #expect(try await agent.route("jellyfin")["link"]["vmid"] == 100)
    let guests = try await agent.get("/v1/guests")["guests"]
    #expect(guests.elements.count == 10)
    #expect(guests[0]["stale"] == true && guests[0]["error"] != .null, "\(guests[0])")
    #expect(try await agent.status(of: "/livez") == 200)
    #expect(try await agent.cli("routes").status == .code(0))

    try await pve.restart()
    try await agent.cluster("lab", "is fresh again") { $0["stale"] == false && $0["error"] == .null }
    try await pve.control(["op": "move", "vmid": 100, "node": "pve2"])
    try await agent.route("jellyfin", "follows again") { $0["link"]["node"] == "pve2" }
  }

  /// However the agent ended, it knows its last state at the next start, even if PVE is down.
  @Test(arguments: [SIGTERM, SIGKILL])
  func linksAtOnceFromWhatWasKnownBefore(signal: Int32) async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = try #require(try pve.guest("jellyfin").address)
    let routes = Self.routes + "\nby-address: {host: \(address), port: 80, healthcheck: {disable: true}}"
    let files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes])
    let before = try await RunningAgent.ready(files)
    try await before.route("by-address", "links") { $0["link"]["matched_by"] == "address" }
    let cache = files.directory.file("state/inventory-lab.json")
    try await eventually("the inventory is kept") {
      (try? String(contentsOfFile: cache, encoding: .utf8))?.contains(address) == true ? () : nil
    }
    let mode = try FileManager.default.attributesOfItem(atPath: cache)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    before.program.signal(signal)
    _ = try await before.program.exit()
    try await pve.stop()

    let agent = try await RunningAgent.start(files)
    #expect(try await agent.status(of: "/readyz") == 200, "what came from the cache counts")
    for alias in ["jellyfin", "by-address"] {
      let route = try await agent.route(alias)
      #expect(route["link"]["vmid"] == 100 && route["target"] != .null, "\(route)")
    }
    let guests = try await agent.get("/v1/guests")["guests"].elements
    #expect(guests.count == 10 && guests.allSatisfy { $0["stale"] == true && $0["error"] != .null })
    try await agent.cluster("lab", "reports why it is not read") { $0["error"].string?.contains("refused") == true }
    try await pve.restart()
    try await agent.cluster("lab", "is fresh again") { $0["stale"] == false && $0["error"] == .null }
  }

  @Test func ignoresACacheThatIsNoneOfItsOwn() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": Self.routes])
    try files.directory.write(
      "{\"pvescout\":\"inventory-lab\",\"version\":99,\"content\":1}", to: "state/inventory-lab.json")
    let agent = try await RunningAgent.ready(files)
    try await agent.route("jellyfin", "links") { $0["link"]["vmid"] == 100 }
    #expect(agent.program.errors.hasLine(with: "warning", "cached inventory not restored", "version 99"))
  }

  @Test func asksAnotherNodeWhenTheFirstIsGone() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let working = pve.manifest.endpoints[1]
    // Nothing listens on the port of the first endpoint.
    let refusing = "https://\(pve.manifest.network).9.9:\(pve.manifest.port)"
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry(endpoints: [refusing, working])]))
    try await agent.cluster("lab", "is read") { $0["stale"] == false && $0["error"] == .null }
  }

  @Test func startsWithoutTheClusterAndWithoutACache() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let address = "\(pve.manifest.network).60.1"
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    let routes = "direct: {host: \(address), port: \(port)}\njellyfin: {port: 8096}\nui: {proxmox: {node: pve1}}"
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes])
    // The cluster hangs, but the service beside it answers.
    files.discovery = "{interval: 500ms, address_refresh: 5m, request_timeout: 1s}"
    try await pve.control(["op": "hang"])
    let agent = try await RunningAgent.start(files)

    let direct = try await agent.route("direct", "is healthy") { $0["health"]["status"] == "healthy" }
    #expect(direct["link"]["state"] == "unlinked" && direct["link"]["reason"] == "inventory_pending", "\(direct)")
    for alias in ["jellyfin", "ui"] {
      let route = try await agent.route(alias)
      #expect(route["target"] == .null && route["health"]["status"] == "unknown", "\(route)")
      #expect(route["link"]["reason"] == "inventory_pending", "\(route)")
    }
    #expect(try await agent.status(of: "/livez") == 200)
    #expect(try await agent.status(of: "/readyz") == 503)
    let events = try await EventStream(of: agent, query: "?since=0")
    try await events.wait(for: "route.added", aboutRoute: "ui")
    #expect(!events.received.contains { $0.data.description.contains("localhost") }, "\(events.received)")
    let cluster = try await agent.cluster("lab", "reports its error") { $0["error"] != .null }
    #expect(cluster["stale"] == true, "\(cluster)")

    try await pve.control(["op": "clear"])
    try await agent.route("jellyfin", "links once the cluster answers") { $0["link"]["vmid"] == 100 }
    #expect(try await agent.status(of: "/readyz") == 200)
  }
}
