import TestSupport
import Testing

/// WebSocket through the proxy, between two independent implementations: Tests/Lab/websocket_lab.py.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyWebSocketTests {
  @Test(arguments: ["echoes", "interleaves", "fragments", "pings", "closes", "vanishes", "early", "negotiates"])
  func carriesWebSocket(name: String) async throws {
    let upstream = try await LabUpstream.start("websocket_lab.py")
    let lab = try await ProxyLab.start(routes: "web: {\(upstream.target())}")
    let client = try await upstream.check(name, by: lab.port)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }

  /// Like the consoles in PVE's web interface: TLS on both sides, and the node's certificate under its cluster's pin.
  @Test(arguments: ["echoes", "fragments", "closes", "vanishes"])
  func carriesWebSocketToANodesOwnInterface(name: String) async throws {
    let pve = try await FakePVE.start(lxc: 1, vms: 0)
    let folder = pve.manifest.ca_file.dropLast("ca.pem".count)
    let upstream = try await LabUpstream.start(
      "websocket_lab.py",
      [try #require(pve.manifest.nodes["pve2"]), "8006", "\(folder)pve2.pem", "\(folder)pve2.key"])
    let lab = try await SecureProxyLab.start(
      routes: "ui: {proxmox: {node: pve2}, healthcheck: {disable: true}}", clusters: [pve.entry(trust: .fingerprint)])
    try await lab.agent.route("ui", "is linked") { $0["target"] != .null }
    let client = try await upstream.check(name, by: lab.port, "ui.lab.test", lab.certificate.certificateFile)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }

  @Test func anUpstreamThatDoesNotSwitchAnswersAsEver() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream())
    let answer = try await lab.get(
      "web", "/", fields: "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    #expect(answer.status == 200 && answer.text == "echo")
  }

  @Test func anUpstreamThatSwitchesUnaskedIsNotBelieved() async throws {
    let upstream = try await EchoUpstream(
      answers: ["/": "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"])
    let lab = try await ProxyLab.start(upstream)
    #expect(try await lab.get("web").status == 502)
  }

  @Test func bytesSentRightBehindTheRequestReachTheUpstream() async throws {
    let server = try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
      guard let early = try await connection.take(5) else { return }
      try await connection.send(early)
    }
    let lab = try await ProxyLab.start(server)
    let connection = try await lab.connect()
    try await connection.send(
      "GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly")
    #expect(try await connection.response()?.status == 101)
    #expect(try await connection.takeAll() == Array("helloearly".utf8))
  }
}
