import Logging
import NIOCore
import NIOPosix
import NameResolution
import ProxyTLS
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServiceLifecycle
import StreamProxy
import TestSupport
import WakeOnDemand

@testable import ReverseProxy

/// A proxy in the process of the test, with its own event loops and registry.
struct RunningProxy: Sendable {
  let registry: RouteRegistry
  let traffic: TrafficBook
  let proxy: ReverseProxy
  let streams: StreamProxy
  private let services: ServiceGroup

  /// Serves the routes while the body runs: on `http`, or with a certificate on `https` only.
  static func serving(
    _ routes: [RegisteredRoute], certificate: TestCertificate? = nil,
    configure: (inout ProxyConfiguration) -> Void = { _ in },
    names: NameResolver = .system, gates: WakeGates? = nil, folders: FolderThreadPools = FolderThreadPools(),
    maxWaitingBytes: Int? = nil, logger: Logger = .silent,
    _ body: (RunningProxy) async throws -> Void
  ) async throws {
    var configuration = ProxyConfiguration()
    let address = ProxyConfiguration.Address(host: "127.0.0.1", port: 0)
    if let certificate {
      configuration.https = address
      configuration.certificates = [.init(certificate: certificate.certificateFile, key: certificate.keyFile)]
    } else {
      configuration.http = address
    }
    // Long, so that on a slow machine only the timeouts under test expire.
    (configuration.timeouts.connect, configuration.timeouts.lingering) = (.seconds(120), .seconds(120))
    configuration.timeouts.drain = .zero
    configure(&configuration)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let running = try RunningProxy(configuration, group, names, gates, folders, maxWaitingBytes, logger)
    running.registry.apply(adding: routes)
    let result: Result<Void, any Error> = await withTaskGroup { tasks in
      tasks.addTask { try? await running.services.run() }
      do {
        try await eventually("the proxy listens") { running.proxy.listening.isEmpty ? nil : () }
        try await body(running)
        await running.stop()
        return .success(())
      } catch {
        await running.stop()
        return .failure(error)
      }
    }
    try await group.shutdownGracefully()
    try result.get()
  }

  private init(
    _ configuration: ProxyConfiguration, _ group: MultiThreadedEventLoopGroup, _ names: NameResolver,
    _ gates: WakeGates?, _ folders: FolderThreadPools, _ maxWaitingBytes: Int?, _ logger: Logger
  ) throws {
    var asked = try ProxyServices.forTest(configuration, group: group, names: names, gates: gates, logger: logger)
    asked.folders = folders
    if let maxWaitingBytes { asked.maxWaitingBytes = maxWaitingBytes }
    (registry, traffic, streams) = (asked.registry, asked.traffic, asked.streams)
    proxy = ReverseProxy(configuration: configuration, services: asked, group: group)
    services = ServiceGroup(services: [asked.accessLog, proxy], gracefulShutdownSignals: [], logger: logger)
  }

  /// Starts a graceful shutdown and returns at once.
  func stop() async { await services.triggerGracefulShutdown() }

  /// The port of `http`, or of `https` if that is the only listener.
  func port(_ key: String? = nil) throws -> UInt16 {
    let listening = proxy.listening
    let address = key.map { listening[$0] } ?? listening["http"] ?? listening["https"]
    guard let port = address?.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw NotListening() }
    return port
  }

  struct NotListening: Error {}

  func connect(reading: Bool = true, offering protocols: [String]? = nil) async throws -> RawConnection {
    try await RawConnection.connect(to: try port(), reading: reading, offering: protocols)
  }

  func totals(_ route: RegisteredRoute) -> TrafficTotals { traffic.traffic(for: route).totals }
}

extension Logger {
  static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension ProxyServices {
  /// Services with their own registry.
  static func forTest(
    _ configuration: ProxyConfiguration = ProxyConfiguration(),
    group: MultiThreadedEventLoopGroup = .singleton, names: NameResolver = .system, gates: WakeGates? = nil,
    logger: Logger = .silent
  ) throws -> ProxyServices {
    let registry = RouteRegistry()
    let traffic = TrafficBook(registry: registry)
    return ProxyServices(
      registry: registry, traffic: traffic, accessLog: AccessLog(configuration.accessLog, logger: logger),
      certificates: try CertificateStore(configuration.certificates, logger: logger),
      upstreamTLS: try UpstreamTLS(logger: logger),
      streams: StreamProxy(registry: registry, traffic: traffic, group: group, logger: logger), names: names,
      gates: gates, logger: logger)
  }
}
