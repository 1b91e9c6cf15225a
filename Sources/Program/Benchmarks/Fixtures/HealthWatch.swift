import FoundationEssentials
import HTTPTransport
import HealthMonitoring
import Logging
import PeerTrust
import RouteModel

/// A health monitor with many routes.
final class HealthWatch {
  private let server: WebServer
  private let client = HTTPClient()
  private let monitor: HealthMonitor
  private let running: Task<Void, any Error>
  private let perSecond: Int

  /// Returns once every route was probed twice, so that the probes are spread over the interval.
  init(routes count: Int, interval: Duration) async throws {
    let server = try WebServer(addresses: min(count, 200))
    let monitor = HealthMonitor(
      client: client, logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
    perSecond = max(1, Int(Double(count) / (interval / .seconds(1))))
    let routes = try (0..<count).map { number in
      MonitoredRoute(
        id: RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias(KeyForm.short.key(number))),
        target: .network(scheme: .http, host: server.hosts[number % server.hosts.count], port: server.port),
        check: HealthCheck(interval: interval), trust: .systemRoots, tlsServerName: nil,
        cell: HealthCell(.unknown("not checked yet")), link: .unlinked(UnlinkedReason(.noMatch, "")),
        unprobedReason: nil)
    }
    (self.server, self.monitor) = (server, monitor)
    running = Task { try await monitor.run() }
    monitor.watch(routes)
    let deadline = ContinuousClock.now + .seconds(120)
    while monitor.load.probes < 2 * count {
      guard ContinuousClock.now < deadline else {
        throw WebServer.Failure(description: "\(count) routes were not checked twice within two minutes")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let unwell = routes.count { $0.cell.report.status != .healthy && $0.cell.report.lastChecked != nil }
    guard unwell == 0 else { throw WebServer.Failure(description: "\(unwell) of \(count) routes are not healthy") }
  }

  deinit {
    running.cancel()
    client.shutdown()
  }

  /// Measures for at least a second; the time of an operation is processor time.
  func sample(_ operations: Int) async throws -> Sample {
    let before = monitor.load
    let (cpu, start) = (ProcessorClock.now, ContinuousClock.now)
    while monitor.load.probes - before.probes < max(operations, perSecond) {
      try await Task.sleep(for: .milliseconds(20))
    }
    let after = monitor.load
    var sample = Sample(operations: after.probes - before.probes, wall: ProcessorClock.now - cpu)
    sample.pace = Sample.Pace(elapsed: start.duration(to: .now), worstLateness: after.worstLateness)
    return sample
  }
}
