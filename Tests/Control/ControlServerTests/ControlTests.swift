import FoundationEssentials
import GuestControl
import HTTPTransport
import RouteModel
import TestSupport
import Testing

@testable import ControlServer

/// Starting and stopping over the socket.
@Suite(.timeLimit(.minutes(5))) struct ControlTests {
  private static let plex = GuestID(cluster: "home", vmid: 105)

  private static func report(_ state: String, cause: String? = nil) -> ControlReport {
    var report = ControlReport(
      id: plex, state: state, since: Date(timeIntervalSince1970: 1_700_000_000), counts: ControlCounts())
    (report.cause, report.startedBy) = (cause, "plex: start: on_load")
    report.counts.starts = 2
    return report
  }

  private static func post(_ path: String, _ agent: StubAgent) async throws -> (status: Int, body: JSON) {
    let answer = try await withServer(agent) { _, socket in try await send(.post, path, to: socket.path) }
    return (answer.status, try JSON(parsing: answer.body))
  }

  @Test(
    "The guest behind a route, and a guest by its number",
    arguments: [
      "/v1/routes/plex/start", "/v1/routes/plex/stop", "/v1/guests/home/105/start", "/v1/guests/home/105/stop",
    ])
  func takesWishes(path: String) async throws {
    let agent = StubAgent()
    agent.set(Self.report("starting"))
    let (status, body) = try await Self.post(path, agent)
    #expect(status == 202)
    #expect(body["control"]["state"] == "starting" && body["control"]["until"] == .null)
    #expect(agent.wishes.count == 1)
    #expect(agent.wishes.first?.hasPrefix(path.hasSuffix("start") ? "start home/105: " : "stop home/105: ") == true)
  }

  @Test(
    "What cannot be done is 409 with the reason, and what is not there 404",
    arguments: [
      ("/v1/routes/plex/start", 409, "guest 105 is not started: it is a template"),
      ("/v1/routes/nobody/start", 404, "there is no route 'nobody'"),
      ("/v1/guests/home/999/start", 404, "there is no guest 'home/999'"),
      ("/v1/guests/home/1e2/start", 404, "there is no guest 'home/1e2'"),
      ("/v1/guests/105/start", 404, "there is nothing at /v1/guests/105/start"),
    ])
  func refuses(path: String, status: Int, message: String) async throws {
    let agent = StubAgent()
    agent.refuseControl(.template)
    let answer = try await Self.post(path, agent)
    #expect(answer.status == status)
    #expect(answer.body["error"]["message"] == .string(message))
  }

  @Test("Lists show the current state of the guest, although the route is unchanged")
  func listsFollow() async throws {
    let agent = StubAgent()
    let answers = try await withServer(agent) { _, socket async throws in
      var answers: [JSON] = []
      for state in ["starting", "ready"] {
        agent.set(Self.report(state))
        answers.append(try JSON(parsing: try await send(.get, "/v1/routes", to: socket.path).body))
      }
      return answers
    }
    #expect(
      answers.map { $0["routes"].first(where: "alias", is: "plex")["control"]["state"] } == ["starting", "ready"])
  }

  @Test("Routes, explain and metrics show how the guest is")
  func showsState() async throws {
    let agent = StubAgent()
    agent.set(Self.report("failed", cause: "it is a template"))
    let (route, explanation, metrics) = try await withServer(agent) { _, socket async throws in
      (
        try await send(.get, "/v1/routes/plex", to: socket.path),
        try await send(.get, "/v1/routes/plex/explain", to: socket.path),
        try await send(.get, "/metrics", to: socket.path)
      )
    }
    #expect(try JSON(parsing: route.body)["control"]["cause"] == "it is a template")
    let step = try JSON(parsing: explanation.body)["steps"].first(where: "step", is: "control")
    #expect(step["outcome"] == "failed" && step["detail"].string?.contains("it is a template") == true)
    let lines = String(decoding: metrics.body, as: UTF8.self)
    #expect(lines.contains(#"pvescout_control_state{cluster="home",vmid="105",state="failed"} 1"#))
    #expect(lines.contains(#"pvescout_control_starts_total{cluster="home",vmid="105"} 2"#))
  }
}
