import HTTPTransport
import RouteModel
import Testing

@testable import ControlServer

@Suite struct MetricsTests {
  @Test func tellsWhatPrometheusMayScrape() async throws {
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
    var page = MetricsPage()
    page.gauge("empty", "Nothing.", [])
    page.gauge("things", "Some.", [([("name", "a\"b\\c\r\nd")], 1.5), ([], 2)])
    #expect(page.text == "# HELP things Some.\n# TYPE things gauge\nthings{name=\"a\\\"b\\\\c\r\\nd\"} 1.5\nthings 2\n")
  }
}
