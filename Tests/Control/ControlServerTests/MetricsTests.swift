import HTTPTransport
import Logging
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ControlServer

@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
  @Test func writesMetricsForPrometheus() async throws {
    let answer = try await withServer { _, socket in try await send(.get, "/metrics", to: socket.path) }
    let text = String(decoding: answer.body, as: UTF8.self)
    let lines = Set(text.split(separator: "\n").map(String.init))
    #expect(answer.status == 200)
    #expect(answer.headers.contains { $0.name.lowercased() == "content-type" && $0.value.contains("version=0.0.4") })
    for line in [
      "# TYPE pvescout_routes gauge", #"pvescout_routes{pool="http"} 2"#, #"pvescout_routes{pool="stream"} 1"#,
      #"pvescout_routes{pool="excluded"} 1"#, "pvescout_start_time_seconds 1700000000", "pvescout_generation 1",
      #"pvescout_route_up{route="plex",provider="file:routes"} 1"#,
      #"pvescout_route_status{route="plex",provider="file:routes",status="healthy"} 1"#,
    ] { #expect(lines.contains(line), "\(line) is missing in:\n\(text)") }
    #expect(!text.contains("excluded:file:routes.d/media:plex"), "only what is served")
  }

  @Test func escapesLabelsAndLeavesOutWhatHasNoSample() {
    var metrics = Metrics()
    metrics.gauge("empty", "Nothing.", [])
    metrics.gauge("things", "Some.", [([("name", "a\"b\\c\r\nd")], 1.5), ([], 2)])
    var (body, page) = (PartedBody(MetricsPage(), metrics.parts), ByteBuffer())
    #expect(!body.write(to: &page, atLeast: .max))
    #expect(
      String(buffer: page)
        == "# HELP things Some.\n# TYPE things gauge\nthings{name=\"a\\\"b\\\\c \\nd\"} 1.5\nthings 2\n")
  }

  @Test(arguments: [
    (Duration.zero, "0"), (.seconds(3), "3"), (.microseconds(950), "0.000950"), (.milliseconds(81_234), "81.234000"),
  ])
  func writesDurationsInSeconds(_ duration: Duration, _ text: String) {
    var page = MetricsPage()
    page.sample(MetricLabels())
    page.value(duration)
    #expect(String(decoding: page.bytes, as: UTF8.self) == " \(text)\n")
  }

  @Test func reportsNoTrafficWhileNothingIsServed() async throws {
    let answer = try await withServer { _, socket in try await send(.get, "/metrics", to: socket.path) }
    #expect(!String(decoding: answer.body, as: UTF8.self).contains("pvescout_proxy_"))
  }

  @Test func reportsTheTrafficOfEachRoute() async throws {
    let agent = StubAgent(isServing: true)
    let (plex, ssh) = (try #require(agent.registry.get("plex")), try #require(agent.registry.get("ssh")))
    let traffic = try #require(agent.traffic).traffic(for: plex)
    traffic.requestBegan()
    traffic.requestBegan()
    traffic.requestEnded(status: 200, received: 3, sent: 612, microseconds: 1500)
    traffic.opened(.webSocket)
    let stream = try #require(agent.traffic).traffic(for: ssh)
    stream.opened(.tcp)
    stream.closed(.tcp)
    stream.transferred(received: 5, sent: 6)
    stream.refused(.guestStopped)
    let text = try await metrics(of: agent)
    let lines = Set(text.split(separator: "\n").map(String.init))
    let (plexLabels, sshLabels) = (#"route="plex",provider="file:routes""#, #"route="ssh",provider="file:routes""#)
    for line in [
      "# TYPE pvescout_proxy_requests_total counter", "# TYPE pvescout_proxy_request_duration_seconds histogram",
      "pvescout_proxy_requests_total{\(plexLabels),code_class=\"2xx\"} 1",
      "pvescout_proxy_requests_total{\(plexLabels),code_class=\"none\"} 0",
      "pvescout_proxy_requests_in_flight{\(plexLabels)} 1", "pvescout_proxy_sent_bytes_total{\(plexLabels)} 612",
      "pvescout_proxy_received_bytes_total{\(sshLabels)} 5",
      "pvescout_proxy_request_duration_seconds_bucket{\(plexLabels),le=\"0.001\"} 0",
      "pvescout_proxy_request_duration_seconds_bucket{\(plexLabels),le=\"0.0025\"} 1",
      "pvescout_proxy_request_duration_seconds_bucket{\(plexLabels),le=\"10\"} 1",
      "pvescout_proxy_request_duration_seconds_bucket{\(plexLabels),le=\"+Inf\"} 1",
      "pvescout_proxy_request_duration_seconds_sum{\(plexLabels)} 0.001500",
      "pvescout_proxy_request_duration_seconds_count{\(plexLabels)} 1",
      "pvescout_proxy_connections_open{\(plexLabels),kind=\"websocket\"} 1",
      "pvescout_proxy_connections_total{\(sshLabels),kind=\"tcp\"} 1",
      "pvescout_proxy_connections_open{\(sshLabels),kind=\"tcp\"} 0",
      "pvescout_proxy_refused_total{\(sshLabels),reason=\"guest_stopped\"} 1",
      "pvescout_proxy_refused_total{\(sshLabels),reason=\"upstream_timeout\"} 0",
    ] { #expect(lines.contains(line), "\(line) is missing in:\n\(text)") }
    #expect(!text.contains("pvescout_proxy_requests_total{\(sshLabels)"), "a stream has no requests")
    #expect(!text.contains("pvescout_proxy_refused_total{\(plexLabels)"), "requests are answered")
    #expect(!text.contains("pvescout_access_log"))
  }

  @Test func reportsDroppedRecordsOfTheAccessLog() async throws {
    let folder = try TemporaryDirectory()
    let log = AccessLog(AccessLogConfiguration(path: folder.file("log")), logger: .silent)
    #expect(try await metrics(of: StubAgent(isServing: true, accessLog: log)).contains("access_log_dropped_total 0\n"))
  }

  private func metrics(of agent: StubAgent) async throws -> String {
    let answer = try await withServer(agent) { _, socket in try await send(.get, "/metrics", to: socket.path) }
    return String(decoding: answer.body, as: UTF8.self)
  }
}
