import GuestControl
import Logging
import RouteModel
import RouteRegistry
import Testing

@testable import AgentRuntime

/// The controller starts no guest here, so that a dependency that it is asked for has no route for it.
@Suite(.timeLimit(.minutes(2))) struct DependencyStartTests {
  private static func route(_ alias: String, in vmid: Int, needs dependency: String? = nil) throws -> RegisteredRoute {
    var policy = WakePolicy()
    policy.dependencies = dependency.map { [.init(alias: $0, mustBeHealthy: false)] } ?? []
    return try .sample(alias, in: vmid, wake: policy)
  }

  /// One guest has db and adminer, which needs the app in the other one, and that the db.
  private static func start(_ vmid: Int, _ reason: ControlReason) async throws -> ControlFailure? {
    let registry = RouteRegistry()
    registry.apply(adding: [
      try route("db", in: 106), try route("adminer", in: 106, needs: "app"), try route("app", in: 107, needs: "db"),
    ])
    let controller = GuestController(
      connections: .init(client: { _ in nil }, connect: { _, _, _ in false }, refresh: { _, _ in }),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return await DependencyStart(controller: controller, registry: registry).start(
      for: GuestID(cluster: "home", vmid: vmid), reason)
  }

  @Test(arguments: [ControlReason.command("root"), .request(route: "adminer", client: "10.0.0.7")])
  func aGuestDoesNotWaitForItselfThroughAnother(reason: ControlReason) async throws {
    let failure = try await Self.start(106, reason)
    #expect(failure == .dependency("db", "it is in the same guest as adminer, which is started after it"))
  }

  @Test func aRouteThatNeedsAnotherGuestHasItStarted() async throws {
    let reason = ControlReason.request(route: "app", client: "10.0.0.7")
    #expect(try await Self.start(107, reason) == .dependency("db", ControlFailure.noRoute.description))
    #expect(try await Self.start(106, .request(route: "db", client: "10.0.0.7")) == nil)
  }
}
