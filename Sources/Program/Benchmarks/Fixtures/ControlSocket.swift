import ControlServer
import Foundation
import GuestControl
import Logging
import Notifications
import ProxmoxInventory
import ProxyTraffic
import Reconciliation
import RouteModel
import RouteRegistry
import ServerSockets

/// The agent's control server on a Unix socket, with generated routes and clients.
final class ControlSocket {
  private let routes: RouteSamples
  private let folder: URL
  private let clients: [SocketClient]
  private let running: [Task<Void, any Error>]

  /// Returns once the clients are connected.
  ///
  /// - Parameter changes: the number of routes whose health changes each second.
  init(routes count: Int, clients: Int, changes: Int = 0) async throws {
    routes = try RouteSamples(count)
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("pvb-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var configuration = SocketConfiguration()
    configuration.path = folder.appendingPathComponent("p.sock").path
    let (listening, isListening) = AsyncStream<Void>.makeStream()
    let server = ControlServer(
      configuration: configuration, agent: SampleAgent(registry: routes.registry),
      logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    ) { isListening.finish() }
    try server.prepare()
    let serving = Task { try await server.run() }
    let changing = Self.change(routes.routes, perSecond: changes)
    running = [serving, changing]
    for await _ in listening {}
    self.clients = try (0..<clients).map { _ in try SocketClient(configuration.path) }
  }

  deinit {
    for task in running { task.cancel() }
    try? FileManager.default.removeItem(at: folder)
  }

  private static func change(_ routes: [RegisteredRoute], perSecond count: Int) -> Task<Void, any Error> {
    Task {
      var number = 0
      while count > 0 {
        try await Task.sleep(for: .seconds(1) / count)
        let cell = routes[number % routes.count].route.health
        var report = cell.report
        (report.status, report.since) = (report.status == .healthy ? .unhealthy : .healthy, Date())
        cell.report = report
        number += 1
      }
    }
  }

  /// Sends at least that many requests, the clients in turn; measures the processor time of the server per request.
  func request(_ path: String, _ operations: Int) throws -> Sample {
    let rounds = (operations + clients.count - 1) / clients.count
    return try measured {
      for _ in 0..<rounds {
        for client in clients { try client.request(path) }
        for client in clients { _ = try client.readAnswer() }
      }
      return rounds * clients.count
    }
  }

  /// The processor time of this thread is that of the clients.
  private func measured(_ body: () throws -> Int) throws -> Sample {
    let (all, own) = (ProcessorClock.now, ProcessorClock.ofThread)
    let operations = try body()
    return Sample(
      operations: operations, wall: (ProcessorClock.now - all) - (ProcessorClock.ofThread - own))
  }

  /// Measures the time from a request to the first byte of its answer.
  func awaitFirstByte(of path: String, _ operations: Int) throws -> Sample {
    var sample = Sample(operations: operations)
    for _ in 0..<operations {
      let start = ContinuousClock.now
      try clients[0].request(path)
      try clients[0].awaitFirstByte()
      sample.wall += start.duration(to: .now)
      _ = try clients[0].readAnswer()
    }
    return sample
  }

  /// Requests a list and reads it slowly; measures the peak of the process's memory.
  func peakMemory(of path: String) throws -> ProcessMemory? {
    var peak = ProcessMemory.now
    try clients[0].request(path)
    _ = try clients[0].readAnswer {
      if let now = ProcessMemory.now, now.anonymous > peak?.anonymous ?? 0 { peak = now }
    }
    return peak
  }
}

/// An agent with routes and nothing else.
private struct SampleAgent: ControlledAgent {
  let registry: RouteRegistry
  let startedAt = Date()
  let inventory = InventorySamples.snapshot(guests: 50)
  let events = EventRing()
  let readiness = Readiness(providers: [], problems: [], pendingClusters: [])
  let proxyAddresses: [String: String] = [:]
  let proxyDomains: [String] = []
  let listeners: [NamedListener] = []
  let descriptors = DescriptorBudget()
  let traffic: TrafficBook? = nil
  let accessLog: AccessLog? = nil
  let controlReports: [GuestID: ControlReport] = [:]

  func steps(of _: RouteID) async -> [LinkStep] { [] }
  func location(of _: RouteID) async -> SourceLocation? { nil }
  func listener(of _: RouteID) -> ListenerState? { nil }
  func start(_: GuestID, _: ControlReason) async throws(ControlFailure) -> ControlReport { throw .noRoute }
  func stop(_: GuestID, _: ControlReason) async throws(ControlFailure) -> ControlReport { throw .noRoute }
  func testNotice(to _: String) async -> TestDelivery { .unknown(names: []) }
  func reload() async -> ReloadOutcome { .refused([]) }
}
