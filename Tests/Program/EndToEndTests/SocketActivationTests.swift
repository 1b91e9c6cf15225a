import Foundation
import TestSupport
import Testing

/// The agent listens on the sockets that systemd has opened for it.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct SocketActivationTests {
  @Test func servesOnThemAndNamesWhatItDoesNotUse() async throws {
    let upstream = try await EchoUpstream()
    let echo = try await DatagramServer { [$0 + Array(" to you".utf8)] }
    let launcher = try await SocketLauncher(
      ("web", "tcp"), ("talk", "tcp"), ("dns", "udp"), ("spare", "tcp"), ("deaf", "deaf"))
    let ports = launcher.ports
    try launcher.write(
      http: ports[0],
      """
      web: {\(upstream.target)}
      talk: {host: \(upstream.host), port: "\(ports[1]):\(upstream.port)"}
      dns: {host: \(echo.host), port: "\(ports[2]):\(echo.port)", scheme: udp}
      """)
    let agent = try await launcher.start()
    #expect(try await ProxyLab(agent: agent, port: ports[0]).get("web").text == "echo")
    try await eventually("its address is shown") {
      try await agent.get("/v1")["proxy"]["http"] == .string("127.0.0.1:\(ports[0])") ? () : nil
    }
    try await agent.route("talk", "listens") { $0["listen"] == .string("127.0.0.1:\(ports[1])") }
    #expect(try await ProxyLab(agent: agent, port: ports[1]).get("any").text == "echo")
    try await DatagramClient.connect(to: ports[2]).send("hello", until: "hello to you")

    let told = { agent.program.errors.split(separator: "\n").filter { $0.contains("socket of systemd not used") } }
    try await eventually("both are named") { told().count == 2 ? () : nil }
    #expect(told().contains { $0.contains("127.0.0.1:\(ports[3])") && $0.contains("name=spare") }, "\(told())")
    #expect(told().contains { $0.contains("does not listen") && $0.contains("name=deaf") }, "\(told())")
    let held = try launcher.heldSockets()
    #expect(held == [true, true, true, false, false])

    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(told().count == 2, "once: \(agent.program.errors)")
    try launcher.write(http: ports[0], "web: {host: \"${LISTEN_FDS}\"}")
    let reloaded = try await agent.post("/v1/reload")
    #expect(reloaded.status == 422 && reloaded.body.description.contains("LISTEN_FDS"), "it is unset: \(reloaded)")
  }

  /// A listener that a reload closes gets its socket again.
  @Test func keepsThemOverReloads() async throws {
    let upstream = try await EchoUpstream()
    let launcher = try await SocketLauncher(("web", "tcp"), ("talk", "tcp"))
    let (routes, ports) = ("web: {\(upstream.target)}", launcher.ports)
    let talk = "talk: {host: \(upstream.host), port: \"\(ports[1]):\(upstream.port)\"}"
    try launcher.write(http: ports[0], "\(routes)\n\(talk)")
    let agent = try await launcher.start()
    try await agent.route("talk", "listens") { $0["listen"] != .null }
    try launcher.write(http: 0, routes)
    try await eventually("another port is listened on") {
      let address = try await agent.get("/v1")["proxy"]["http"].string
      return address?.hasSuffix(":\(ports[0])") == false ? () : nil
    }
    try launcher.write(http: ports[0], "\(routes)\n\(talk)")
    try await agent.route("talk", "listens again") { $0["listen"] == .string("127.0.0.1:\(ports[1])") }
    try await eventually("the first port is back") {
      try await agent.get("/v1")["proxy"]["http"] == .string("127.0.0.1:\(ports[0])") ? () : nil
    }
    #expect(try await ProxyLab(agent: agent, port: ports[0]).get("web").text == "echo")
    #expect(try await ProxyLab(agent: agent, port: ports[1]).get("any").text == "echo")
  }

  /// Clients that come while the agent is away are served by the next one.
  @Test func refusesNobodyWhileItRestarts() async throws {
    let upstream = try await EchoUpstream()
    let launcher = try await SocketLauncher(("web", "tcp"))
    try launcher.write(http: launcher.ports[0], "web: {\(upstream.target)}")
    let first = try await launcher.start()
    #expect(try await ProxyLab(agent: first, port: launcher.ports[0]).get("web").text == "echo")
    try await launcher.stop()
    let waiting = try await RawConnection.connect(to: launcher.ports[0])
    try await waiting.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    _ = try await launcher.start()
    #expect(try await waiting.response(to: "GET")?.text == "echo")
  }
}
