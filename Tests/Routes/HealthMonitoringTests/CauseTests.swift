import RouteModel
import Testing

@testable import HealthMonitoring

@Suite struct CauseTests {
  private static let refused = ProbeFailure.refused(address: "127.9.0.1:8096")
  private static let silent = ProbeFailure.timedOut(phase: "connecting", after: .seconds(5))
  private static let bad = ProbeFailure.badStatus(
    502, reason: "Bad Gateway", wanted: nil, after: .milliseconds(12))

  @Test(
    arguments: [
      (refused, ProxmoxLink.none, nil, "connection refused on 127.9.0.1:8096"),
      (refused, .guest(.stopped), .online, "guest 105 (plex) is stopped"),
      (refused, .guest(.stopped, name: nil), .online, "guest 105 is stopped"),
      (refused, .guest(GuestStatus("paused")), nil, "guest 105 (plex) is paused"),
      (refused, .guest(.running), .online, "guest 105 (plex) is running, nothing listens on :8096"),
      (refused, .guest(.running, name: nil), nil, "guest 105 is running, nothing listens on :8096"),
      (refused, .guest(.unknown), .online, "connection refused on 127.9.0.1:8096"),
      (refused, .guest(.running), .offline, "node pve2 is offline"),
      (refused, .node, .online, "node pve2 is online, nothing listens on :8096"),
      (refused, .node, .unknown, "connection refused on 127.9.0.1:8096"),
      (refused, .node, nil, "connection refused on 127.9.0.1:8096"),
      (silent, .none, nil, "timed out after 5 s (connecting)"),
      (silent, .guest(.running), .online, "timed out after 5 s (connecting)"),
      (silent, .guest(.stopped), .online, "guest 105 (plex) is stopped"),
      (silent, .node, .offline, "node pve2 is offline"),
      (
        .unreachable(address: "127.9.0.1:8096", reason: "no route to host"), .none, nil,
        "no route to host: 127.9.0.1:8096"
      ),
      (bad, .none, nil, "answers 502 after 12 ms"),
      // A service that answers is up.
      (bad, .guest(.stopped), .offline, "answers 502 after 12 ms"),
      (
        .certificate(reason: "not trusted: it has expired"), .guest(.stopped), .online,
        "certificate not trusted: it has expired"
      ),
      (
        .badStatus(404, reason: "", wanted: "200-299", after: .milliseconds(3)), .none, nil,
        "answers 404 after 3 ms, wanted 200-299"
      ),
      (.certificate(reason: "expired 3 days ago"), .guest(.running), .online, "certificate expired 3 days ago"),
      (.folder(reason: "the folder /srv/www does not exist"), .none, nil, "the folder /srv/www does not exist"),
    ] as [(ProbeFailure, ProxmoxLink, NodeStatus?, String)])
  func joinsTheProbeWithTheLink(failure: ProbeFailure, link: ProxmoxLink, node: NodeStatus?, text: String) {
    let upstream = Upstream.network(scheme: .http, host: "127.9.0.1", port: 8096)
    #expect(Cause(upstream: upstream, link: link, node: node).text(of: failure) == text)
  }

  @Test(arguments: [
    (refused, "guest 105 (plex) started 12 s ago, nothing listens on :8096 yet"),
    (silent, "guest 105 (plex) started 12 s ago: timed out after 5 s (connecting)"),
    (bad, "guest 105 (plex) started 12 s ago: answers 502 after 12 ms"),
  ])
  func saysThatTheGuestHasJustStarted(failure: ProbeFailure, text: String) {
    let upstream = Upstream.network(scheme: .http, host: "127.9.0.1", port: 8096)
    let cause = Cause(upstream: upstream, link: .guest(.running), node: .online, started: .seconds(12))
    #expect(cause.text(of: failure) == text)
  }

  @Test func saysThatTheRouteFellBackToThisMachine() {
    let cause = Cause(upstream: .network(scheme: .http, host: "localhost", port: 80), link: .none, node: nil)
    #expect(cause.text(of: .refused(address: "127.0.0.1:80")) == "no link, and localhost:80 refuses")
  }
}
