import ControlServer
import Reconciliation
import RouteModel
import RouteRegistry
import TestSupport
import Testing

/// How the server stops while clients are connected.
@Suite(.timeLimit(.minutes(5))) struct StopTests {
  @Test(arguments: ["/v1/events?since=1000", "/v1/routes"])
  func doesNotWaitForAReaderThatStalls(_ path: String) async throws {
    let routes = (0..<4000).map {
      Route.sample("r\($0)", pool: .http, target: nil, link: .linked(.plex), status: .unknown)
    }
    let agent = StubAgent(routes: routes, events: EventRing(firstID: 1000))
    agent.events.append(agent.registry.snapshot.entries.map { .route(ReportedRoute($0), isNew: false) })
    let (reader, stopping) = try await withServer(agent) { _, socket async throws in
      let reader = try StalledReader(asking: path, on: socket.path)
      try await reader.fillUp()
      return (reader, ContinuousClock.now)
    }
    #expect(.now - stopping < .seconds(30))
    withExtendedLifetime(reader) {}
  }

  @Test("An answer in progress during the stop is completed, with Connection: close")
  func endsTheConnectionBehindTheAnswer() async throws {
    let agent = StubAgent()
    var timeouts = ControlTimeouts()
    timeouts.grace = .seconds(600)
    let connection = try await withServer(agent, timeouts: timeouts) { _, socket async throws in
      // Until the server has begun to stop.
      agent.set(beforeExplanation: {
        while (try? await RawConnection.connect(unixSocket: socket.path)) != nil {}
      })
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send("GET /v1/routes/plex/explain HTTP/1.1\r\nHost: x\r\n\r\n")
      try await eventually("it is being answered") { agent.explanations == 1 ? () : nil }
      return connection
    }
    let response = try #require(try await connection.response())
    #expect(response.status == 200 && response.text.contains("127.0.2.5 is guest 105"), "\(response.text)")
    #expect(response["Connection"] == "close")
    #expect(try await connection.takeAll().isEmpty)
  }
}
