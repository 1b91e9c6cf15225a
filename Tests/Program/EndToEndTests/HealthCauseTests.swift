import TestSupport
import Testing

/// Why a service is not healthy, according to PVE.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct HealthCauseTests {
  private static let oneMorePoll: JSON = ["op": "limit", "path": "/cluster/resources", "times": 1]

  /// The first poll after a guest is stopped updates its route: later polls are held.
  @Test func namesTheGuestThatWasStoppedWithinOnePoll() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let guest = try pve.guest("jellyfin")
    let address = try #require(guest.address)
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": "jellyfin: {port: \(port)}"])
    files.health = "{interval: 1s, timeout: 60s}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route("jellyfin", "is healthy") { $0["health"]["status"] == "healthy" }
    try await pve.control(
      ["op": "status", "vmid": 100, "status": "stopped"],
      ["op": "silence", "address": .string(address), "port": .number(Double(port))], Self.oneMorePoll)
    let route = try await agent.route("jellyfin", "names its guest") {
      $0["health"]["detail"] == "guest 100 (jellyfin) is stopped"
    }
    #expect(route["health"]["status"] == "unhealthy", "napping is for those that pvescout stopped itself")
    #expect(try await agent.cli("explain", "jellyfin").output.hasLine(with: "cause", "guest 100 (jellyfin) is stopped"))
  }

  @Test func isStartingWhileTheGuestIs() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let guest = try pve.guest("jellyfin")
    let address = try #require(guest.address)
    let port = try #require(try await pve.control(["op": "serve", "address": .string(address)]).int)
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": "jellyfin: {port: \(port)}"])
    // A grace period longer than any slow machine needs.
    files.health = "{interval: 500ms, timeout: 60s, unhealthy_after: 2, start_grace: 1h}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route("jellyfin", "is healthy") { $0["health"]["status"] == "healthy" }
    try await pve.control(
      ["op": "status", "vmid": 100, "status": "stopped"],
      ["op": "silence", "address": .string(address), "port": .number(Double(port))])
    try await agent.route("jellyfin", "is unhealthy") { $0["health"]["status"] == "unhealthy" }
    try await pve.control(["op": "status", "vmid": 100, "status": "running"])
    let route = try await agent.route("jellyfin", "is starting") { $0["health"]["status"] == "starting" }
    let detail = route["health"]["detail"].string ?? ""
    #expect(detail.hasPrefix("guest 100 (jellyfin) started ") && detail.hasSuffix("nothing listens on :\(port) yet"))
    try await pve.control(["op": "serve", "address": .string(address), "port": .number(Double(port))])
    try await agent.route("jellyfin", "is healthy again") { $0["health"]["status"] == "healthy" }
  }

  @Test func reportsWhyEachRouteIsNotHealthy() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    let authority = try TestCertificate(isAuthority: true)
    let expired = try await UpstreamServer(certificate: try TestCertificate(issuer: authority, validity: .expired))
    let bad = try await UpstreamServer(answer: .status(502))
    let picky = try await UpstreamServer(answer: .status(404))
    let routes = """
      jellyfin: {port: 9}
      bad: {host: \(bad.host), port: \(bad.port)}
      picky: {host: \(picky.host), port: \(picky.port), healthcheck: {expected_status: 2xx}}
      expired: {host: \(expired.host), port: \(expired.port), scheme: https, ssl_server_name: localhost,
        ssl_trusted_certificate: \(authority.certificateFile)}
      nobody: {port: 9}
      local: {host: localhost, port: 9}
      off: {host: \(bad.host), port: \(bad.port), healthcheck: {disable: true}}
      bad-old: {host: \(bad.host), port: \(bad.port)}
      broken: {host: \(bad.host), port: \(bad.port), scheme: gopher}
      """
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes])
    files.health = "{interval: 200ms, timeout: 60s, unhealthy_after: 1, start_grace: 0s}"
    let agent = try await RunningAgent.ready(files)
    let causes: [(String, String, String)] = [
      ("jellyfin", "unhealthy", "guest 100 (jellyfin) is running, nothing listens on :9"),
      ("bad", "unhealthy", "answers 502 after "), ("picky", "unhealthy", ", wanted 2xx"),
      ("expired", "unhealthy", "certificate expired 1 day ago"),
      ("nobody", "unknown", "no target: nothing is named 'nobody'"),
      ("local", "unhealthy", "no link, and localhost:9 refuses"), ("off", "unknown", "disabled"),
      ("bad-old", "unhealthy", "answers 502 after "), ("broken", "unknown", "scheme"),
    ]
    for (alias, status, cause) in causes {
      try await agent.route(alias, "is \(status): \(cause)") {
        $0["health"]["status"] == .string(status) && $0["health"]["detail"].string?.contains(cause) == true
      }
    }
  }
}
