import Logging
import PeerTrust
import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(2))) struct AuthorityWatcherTests {
  private static func route(_ alias: String, _ trust: TrustPolicy) throws -> RegisteredRoute {
    let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    let declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    return RegisteredRoute(
      Route(
        id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .https,
        target: .network(scheme: .https, host: "10.0.0.1", port: 443), trust: trust, excludedReason: nil,
        link: .unlinked(.init(.noMatch, "for the test")), healthCheck: HealthCheck(),
        health: HealthCell(.unknown("not checked yet"))))
  }

  @Test func refreshesTheCAFilesOfTheRoutesThatThereAre() async throws {
    let registry = RouteRegistry(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let (nas, printer) = (try Self.route("nas", .caFile("/a.pem")), try Self.route("printer", .caFile("/b.pem")))
    registry.apply(adding: [nas, printer, try Self.route("web", .systemRoots)])
    let last = Mutex<Set<String>?>(nil)
    let watcher = AuthorityWatcher(interval: .milliseconds(1), registry: registry) { files in
      last.withLock { $0 = files }
    }
    let watch = Task { await watcher.run() }
    try await eventually("both are read") { last.withLock { $0 } == ["/a.pem", "/b.pem"] ? () : nil }
    registry.apply(adding: [], removing: [printer.id])
    try await eventually("one is read") { last.withLock { $0 } == ["/a.pem"] ? () : nil }
    watch.cancel()
    await watch.value
  }
}
