import TestSupport
import Testing

/// TLS of TCP routes: terminated at the agent, or passed through.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct StreamTLSTests {
  /// curl offers HTTP/2, like browsers, but the upstream speaks HTTP/1.1: HTTP/2 must not be negotiated.
  @Test func aClientThatOffersHTTP2IsPromisedNothing() async throws {
    let upstream = try await UpstreamServer(answer: .status(200, body: "hello"))
    let lab = try await SecureProxyLab.start(
      routes: "web: {host: \(upstream.host), port: \"0:\(upstream.port)\", tls_termination: true}")
    let address = try await lab.agent.route("web", "listens") { $0["listen"] != .null }["listen"].string ?? ""
    let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
    let said = try await Program.run("/usr/bin/curl", lab.arguments("web", "/", ["--http2"], port: port))
    #expect(said.output == "hello\n1.1 200", "\(said)")
  }

  /// On the port of `https`, by server name only: the TLS of one route ends there, that of the other at its upstream.
  @Test func passesTLSThroughBesideRoutesWhoseTLSEnds() async throws {
    let certificate = try TestCertificate(names: ["DNS:pass.lab.test"])
    let secure = try await UpstreamServer(certificate: certificate, answer: .status(200, body: "passed"))
    let plain = try await UpstreamServer(answer: .status(200, body: "ended"))
    let lab = try await SecureProxyLab.start(
      routes: """
        pass: {host: \(secure.host), port: \(secure.port), tls: passthrough}
        web: {host: \(plain.host), port: \(plain.port), scheme: http, healthcheck: {disable: true}}
        """)
    try await lab.agent.route("pass", "has its target") { $0["target"] != .null }
    let passed = try await Program.run(
      "/usr/bin/curl", lab.arguments("pass", "/through", ["--http1.1"], trusting: certificate))
    #expect(passed.output == "passed\n1.1 200", "\(passed)")
    #expect(secure.requests.map(\.path) == ["/through"])
    #expect(try await lab.curl("web", "/", "--http2").output == "ended\n2 200")
    // Neither certificate is presented for the other name.
    #expect(try await lab.curl("pass").status != .code(0))
    let strange = try await Program.run("/usr/bin/curl", lab.arguments("web", "/", [], trusting: certificate))
    #expect(strange.status != .code(0), "\(strange)")
  }
}
