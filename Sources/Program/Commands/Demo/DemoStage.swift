import Glibc
import NIOCore
import PVESimulator

/// Everything that a demo uses: the cluster, the services and the files, all on loopback.
struct DemoStage: Sendable {
  let scenario: DemoScenario
  let simulator: PVESimulator
  let services: DemoServices
  let folder: DemoFolder

  /// Starts the cluster and services in a random block of addresses, and writes the files.
  static func build(nodes: Int, guests: Int) async throws -> DemoStage {
    let scenario = DemoScenario(block: .random(), nodes: nodes, guests: guests)
    let simulator = try await startCluster(scenario)
    let services = DemoServices()
    let folder = try DemoFolder()
    let stage = DemoStage(scenario: scenario, simulator: simulator, services: services, folder: folder)
    do {
      for service in scenario.services { try await services.start(service) }
      await services.stop(DemoScenario.stoppedService)
      try stage.writeFiles()
      return stage
    } catch {
      await stage.clear()
      throw error
    }
  }

  /// Uses PVE's own port if it is free, so that the URLs look like real ones.
  private static func startCluster(_ scenario: DemoScenario) async throws -> PVESimulator {
    let cluster = scenario.cluster
    var configuration = PVESimulator.Configuration()
    configuration.addresses = cluster.nodes.compactMap(\.address)
    configuration.port = 8006
    do {
      return try await PVESimulator.start(cluster: cluster, configuration: configuration)
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      configuration.port = 0
      return try await PVESimulator.start(cluster: cluster, configuration: configuration)
    }
  }

  private func writeFiles() throws {
    let endpoints = simulator.cluster.nodes.prefix(3).compactMap(\.address).map(simulator.url(on:))
    let routes = DemoRouteFile(
      block: scenario.block, ports: services.ports, clusterPort: Int(simulator.port))
    try folder.write(
      configuration: folder.configuration(endpoints: endpoints, fingerprint: simulator.fingerprint),
      routes: routes.text)
  }

  /// Stops everything that was started and removes the files.
  func clear() async {
    await services.stopAll()
    await simulator.shutdown()
    folder.remove()
  }
}
