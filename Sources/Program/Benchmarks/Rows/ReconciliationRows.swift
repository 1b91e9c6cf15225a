import HTTPTransport
import HealthMonitoring
import Logging
import ProxmoxInventory
import Reconciliation
import RouteModel
import RouteProviders
import RouteRegistry

extension Benchmark {
  /// A change of the inventory, until its routes are registered, monitored and in the next snapshot.
  static var reconciliation: [Benchmark] {
    let (routes, guests) = (10000, 2000)
    return [
      Benchmark("reconcile.one", size: routes, note: "one of \(guests) guests changed its address") {
        let reconciled = try await Reconciled(routes: routes, guests: guests)
        return { try await reconciled.sample($0) }
      }
    ]
  }

  /// A reconciler with its registry, monitor and events; nothing is probed.
  private final class Reconciled: Sendable {
    private let registry = RouteRegistry()
    private let reconciler: Reconciler
    private let client = HTTPClient()
    /// Each differs from the previous one in one guest.
    private let inventories: [InventorySnapshot]

    init(routes: Int, guests: Int) async throws {
      let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
      let (snapshots, _) = AsyncStream.makeStream(of: InventorySnapshot.self)
      reconciler = Reconciler(
        registry: registry, events: EventRing(),
        monitor: HealthMonitor(client: client, logger: logger), snapshots: snapshots,
        connections: .init(connect: { _, _, _ in false }, wants: { _ in }, suspects: { _ in }), logger: logger)
      // The guests get another address in turn, then their own again.
      inventories = (0..<16).map { number in
        InventorySamples.snapshot(guests: guests, moved: max(0, number - 7)..<min(8, number + 1))
      }
      let declarations = try (0..<routes).map { try Self.declaration($0, of: guests) }
      let provider = ProvidedRoutes.Provider(
        name: ProviderName("file:routes"), file: "routes.yml", routes: declarations, problems: [], isLoaded: true)
      await reconciler.replace(
        routes: DeclaredRoutes(ProvidedRoutes(providers: [provider])), defaults: HealthCheck(),
        inventory: inventories[0])
      blackHole(registry.snapshot)
    }

    deinit { client.shutdown() }

    private static func declaration(_ number: Int, of guests: Int) throws -> RouteDeclaration {
      var declaration = RouteDeclaration(
        alias: try RouteAlias("service-\(number)"), provider: ProviderName("file:routes"),
        location: SourceLocation(file: "routes.yml", line: number + 1, column: 1))
      declaration.proxmox = ProxmoxReference(.guest(InventorySamples.firstVMID + number % guests, nodeHint: nil))
      declaration.port = RouteDeclaration.Port(target: 8080)
      return declaration
    }

    func sample(_ operations: Int) async throws -> Sample {
      let start = ContinuousClock.now
      for number in 0..<operations {
        await reconciler.replace(inventory: inventories[number % inventories.count])
        blackHole(registry.snapshot)
      }
      return Sample(operations: operations, wall: start.duration(to: .now))
    }
  }
}
