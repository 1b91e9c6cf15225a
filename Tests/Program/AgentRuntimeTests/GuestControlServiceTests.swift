import AgentConfiguration
import GuestControl
import HTTPTransport
import Logging
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(2))) struct GuestControlServiceTests {
  /// Nothing runs, so that the change of the routes alone makes no plan.
  @Test func aCommandForAGuestThatWasJustLinkedMakesItsPlan() async throws {
    let cluster = """
      - name: home
        endpoints: [https://127.0.0.1:1]
        token_id: a@pve!b
        token_secret: 00000000-0000-0000-0000-000000000000
        control: true
      """
    let files = try AgentFiles(clusters: [cluster])
    try files.write()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let agent = try Agent(
      configuration: .load(path: files.configurationPath, environment: [:]), environment: [:], logger: logger)
    let client = HTTPClient()
    defer { client.shutdown() }
    let guest = GuestID(cluster: "home", vmid: 107)
    let view = try AgentParts(of: agent, client: client, onListening: {}).view
    await #expect(throws: ControlFailure.noRoute) { try await view.start(guest, .command("root")) }
    view.registry.apply(adding: [try .sample("bee", in: 107)])
    // It may be started now, but the inventory is empty.
    await #expect(throws: ControlFailure.gone) { try await view.start(guest, .command("root")) }
  }
}
