import HTTPTransport
import TestSupport
import Testing

/// TCP and UDP routes, served by the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct StreamRouteTests {
  private func start(_ routes: String, clusters: [String] = []) async throws -> RunningAgent {
    var files = try AgentFiles(clusters: clusters, routes: ["routes.yml": routes])
    files.more = "proxy: {http: \"127.0.0.1:0\", drain: 100ms}"
    return try await RunningAgent.ready(files)
  }

  /// The address and port that a route listens on, once it does.
  private func listen(_ agent: RunningAgent, _ alias: String) async throws -> (address: String, port: UInt16) {
    let address = try await agent.route(alias, "listens") { $0["listen"] != .null }["listen"].string ?? ""
    let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
    return (address, port)
  }

  /// The status of an HTTP service over a new connection.
  private func status(at address: String) async -> Int? {
    let client = HTTPClient()
    defer { client.shutdown() }
    return try? await client.send(HTTPRequest(.get, "http://\(address)/")).status
  }

  @Test func servesTCPAndShowsWhereItListens() async throws {
    let upstream = try await UpstreamServer(answer: .status(204))
    let agent = try await start("web: {host: \(upstream.host), port: \"0:\(upstream.port)\"}")
    let (address, port) = try await listen(agent, "web")
    #expect(address == "127.0.0.1:\(port)" && port > 0)
    #expect(await status(at: address) == 204)
    let steps = try await agent.get("/v1/routes/web/explain")["steps"]
    #expect(steps.description.contains("listens on \(address)"), "\(steps)")
    _ = try await agent.stop()
    #expect(await status(at: address) == nil)
  }

  /// The guest moves to another address; the listen port of its route stays.
  @Test func theNextConnectionFollowsTheGuest() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let old = try #require(try pve.guest("jellyfin").address)
    let new = "\(pve.manifest.network).2.79"
    let port = try #require(try await pve.control(["op": "serve", "address": .string(old), "status": 201]).int)
    let agent = try await start("jellyfin: {port: \"0:\(port)\"}", clusters: [pve.entry()])
    let (address, _) = try await listen(agent, "jellyfin")
    try await eventually("the guest answers at its first address") { await status(at: address) == 201 ? () : nil }
    try await pve.control(
      ["op": "address", "vmid": 100, "address": .string(new)],
      ["op": "silence", "address": .string(old), "port": .number(Double(port))],
      ["op": "serve", "address": .string(new), "port": .number(Double(port)), "status": 202])
    try await eventually("the guest answers at its second address") { await status(at: address) == 202 ? () : nil }
    #expect(try await agent.route("jellyfin")["listen"] == .string(address))
  }

  @Test func followsTheRouteFile() async throws {
    let upstream = try await UpstreamServer(answer: .status(204))
    let line = "{host: \(upstream.host), port: \"0:\(upstream.port)\"}"
    let agent = try await start("first: \(line)")
    let (address, _) = try await listen(agent, "first")
    try agent.files.directory.write("second: \(line)", to: "routes.yml")
    #expect(try await agent.post("/v1/reload").status == 200)
    let (other, _) = try await listen(agent, "second")
    try await eventually("the removed route listens no more") { await status(at: address) == nil ? () : nil }
    #expect(await status(at: other) == 204)
  }

  @Test func servesUDP() async throws {
    let echo = try await DatagramServer { [$0 + Array(" to you".utf8)] }
    let agent = try await start("dns: {host: \(echo.host), port: \"0:\(echo.port)\", scheme: udp}")
    let (_, port) = try await listen(agent, "dns")
    try await DatagramClient.connect(to: port).send("hello", until: "hello to you")
  }

  @Test func reportsWhyARouteDoesNotListen() async throws {
    let holder = try await UpstreamServer(host: "127.0.0.1")
    let agent = try await start("ssh: {host: 127.0.0.1, port: \"\(holder.port):22\"}")
    try await eventually("explain tells it") {
      let steps = try await agent.get("/v1/routes/ssh/explain")["steps"].description
      return steps.contains("127.0.0.1:\(holder.port)") && steps.contains("Address already in use") ? () : nil
    }
    #expect(try await agent.route("ssh")["listen"] == .null)
  }
}
