import ControlServer
import Reconciliation
import RouteModel
import RouteRegistry
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
}
