import TestSupport
import Testing

/// Upstreams by name, in the real program.
@Suite(.serialized, .inTurn)
struct ProxyNameTests {
  /// No nameserver is contacted: the value is how often glibc tries each one (resolv.conf(5)). No name below `invalid`
  /// exists (RFC 6761 §6.4).
  private static let offline = ["RES_OPTIONS": "attempts:0"]

  @Test(.timeLimit(.minutes(10))) func namesWithoutAddressesFailAloneAndMakeNoThreads() async throws {
    let server = try await UpstreamServer(host: "127.0.0.1", answer: .status(204))
    let dead = (0..<150).map { number in
      "dead\(number): {host: dead\(number).invalid, port: 80, scheme: http, healthcheck: {interval: 1s}}"
    }
    let good = "good: {host: localhost, port: \(server.port), scheme: http, healthcheck: {disable: true}}"
    let lab = try await ProxyLab.start(routes: (dead + [good]).joined(separator: "\n"), environment: Self.offline)
    let before = try lab.agent.count("Threads")
    try await withThrowingTaskGroup(of: Int?.self) { group in
      for number in 0..<20 { group.addTask { try await lab.get("dead\(number)").status } }
      for try await status in group { #expect(status == 502 || status == 504) }
    }
    #expect(try await lab.get("good").status == 204)
    try await lab.agent.route("dead149", "was probed") { route in
      route["health"]["detail"].string?.contains("the name 'dead149.invalid'") == true
    }
    #expect(try lab.agent.count("Threads") <= before + 16)
    #expect(try await lab.get("good").status == 204)
  }
}
