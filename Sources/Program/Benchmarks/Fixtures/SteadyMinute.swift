import HTTPTransport
import Logging
import ProxmoxDiscovery
import ProxmoxInventory

/// The discovery service in its steady state, at twenty times the default speed: a minute takes three seconds.
enum SteadyMinute {
  static let speed = 20

  static var configuration: DiscoveryConfiguration {
    var configuration = DiscoveryConfiguration()
    configuration.interval /= speed
    configuration.addressRefresh /= speed
    configuration.loopbackGuests = true
    return configuration
  }

  /// Waits until the cluster was read completely and refreshed once, then measures some minutes.
  static func measure(_ minutes: Int, of simulator: SimulatorProcess) async throws -> Sample {
    let client = HTTPClient()
    defer { client.shutdown() }
    let service = DiscoveryService(
      clusters: [simulator.cluster], configuration: configuration, client: client, hints: DiscoveryHints(),
      logger: Logger(label: "pvescout-bench") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup { group in
      group.addTask { try await service.run() }
      try await Task.sleep(for: .seconds(60) / speed)
      let sample = try await Sample.measureProcess(requests: simulator.requestCount) {
        try await Task.sleep(for: .seconds(60) * minutes / speed)
        return minutes
      }
      group.cancelAll()
      return sample
    }
  }
}
