import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import StreamProxy

@Suite(.timeLimit(.minutes(2))) struct RestrictedStreamTests {
  @Test(arguments: [RouteScheme.tcp, .udp])
  func opensNoPort(scheme: RouteScheme) async throws {
    let restricted = try RegisteredRoute.stream("db", to: 1, scheme: scheme) {
      $0.restriction = "rules restricts access"
    }
    let other = try RegisteredRoute.stream("ssh", to: 1, scheme: scheme)
    let streams = try RunningStreams([restricted, other])
    // All routes of one update are opened before the states are published.
    _ = try await streams.port(other)
    #expect(streams.state(restricted) == nil)
    // The same route without restrictions.
    let allowed = try RegisteredRoute.stream("db", to: 1, scheme: scheme)
    streams.registry.apply(adding: [allowed])
    _ = try await streams.port(allowed)
    streams.registry.apply(adding: [restricted])
    try await eventually("its port is closed again") { streams.state(restricted) == nil ? () : nil }
    try await streams.stop()
  }
}
