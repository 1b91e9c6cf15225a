import CLinux
import LinuxSystem
import Logging
import NIOCore
import NIOPosix
import ProxyTLS
import ProxyTraffic
import ReverseProxy
import RouteModel
import RouteProviders
import RouteRegistry
import ServerSockets
import ServiceLifecycle
import StreamProxy
import WakeOnDemand

/// Everything that serves routes; exists only with `proxy:`.
final class Serving: Sendable {
  let traffic: TrafficBook
  let accessLog: AccessLog
  let streams: StreamProxy
  let http: ReverseProxy

  private let listened: AsyncStream<Void>
  private let (stopped, stopping) = AsyncStream.makeStream(of: Void.self)
  private let certificates: CertificateStore
  private let authorityWatcher: AuthorityWatcher
  private let logger: Logger

  /// Throws if TLS cannot be set up; invalid certificates are found by the configuration reader.
  /// - Parameters:
  ///   - mustListen: whether an address that cannot be opened is an error, instead of being tried again.
  ///   - onListening: called once the addresses of `proxy` are open. Ports of streams may open and close later.
  init(
    _ configuration: ProxyConfiguration, registry: RouteRegistry, descriptors: DescriptorBudget,
    inherited: InheritedSockets, gates: WakeGates, logger: Logger, mustListen: Bool,
    onListening: @escaping @Sendable () -> Void
  ) throws {
    self.logger = logger
    let certificates = try CertificateStore(configuration.certificates, logger: logger)
    self.certificates = certificates
    let upstreamTLS = try UpstreamTLS(logger: logger)
    authorityWatcher = AuthorityWatcher(registry: registry) { upstreamTLS.refresh(caFiles: $0) }
    let group = Self.eventLoops
    traffic = TrafficBook(registry: registry)
    accessLog = AccessLog(configuration.accessLog, logger: logger)
    streams = StreamProxy(
      configuration: configuration.streams, proxyProtocol: configuration.proxyProtocol, registry: registry,
      traffic: traffic, group: group, certificates: { certificates.streamContext(forServername: $0) },
      descriptors: descriptors, inherited: inherited, gates: gates, logger: logger)
    let (listened, listening) = AsyncStream.makeStream(of: Void.self)
    self.listened = listened
    http = ReverseProxy(
      configuration: configuration,
      services: ProxyServices(
        registry: registry, traffic: traffic, accessLog: accessLog, certificates: certificates,
        upstreamTLS: upstreamTLS, streams: streams, descriptors: descriptors, inherited: inherited, gates: gates,
        logger: logger),
      group: group, mustListen: mustListen,
      onListening: {
        listening.finish()
        onListening()
      })
  }

  /// One event loop for each processor available to this process, for its whole life: two on one processor would wait
  /// for each other.
  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)

  static var loopCount: Int {
    let allowed = Int(clinux_allowed_processors())
    return allowed > 0 ? min(System.coreCount, allowed) : max(1, System.coreCount)
  }

  /// In the order of dependency: the access log ends after the services that write to it.
  var services: [ServiceGroupConfiguration.ServiceConfiguration] {
    [
      .init(service: accessLog, serviceName: "access log"),
      .init(service: certificateWatcher, serviceName: "certificate watcher"),
      .init(service: authorityWatcher, serviceName: "CA file watcher"),
      .init(service: Proxies(http: http, streams: streams, listened: listened), serviceName: "proxies"),
      .init(
        service: Ending(signal: stopped), successTerminationBehavior: .gracefullyShutdownGroup,
        serviceName: "end of serving"),
    ]
  }

  /// Ends the services gracefully, even if they are only about to start.
  func stop() { stopping.finish() }

  private struct Ending: Service {
    let signal: AsyncStream<Void>
    func run() async { for await _ in signal.cancelOnGracefulShutdown() {} }
  }

  /// Returns true once that event loop has taken a turn.
  func isResponding(loop index: Int) async -> Bool {
    guard let loop = Self.eventLoops.makeIterator().dropFirst(index).first(where: { _ in true }) else { return false }
    return (try? await loop.submit { true }.get()) ?? false
  }

  private var certificateWatcher: FileWatcher {
    FileWatcher(
      interval: .seconds(5), fingerprint: { [certificates] in certificates.fingerprint() },
      onChange: { [certificates] in await offPool { certificates.refresh() } })
  }

  /// Applies all settings that a reload may change.
  func replace(_ configuration: ProxyConfiguration) {
    do { try certificates.replace(with: configuration.certificates) } catch {
      // It was valid a moment ago, when the configuration was read.
      logger.error("certificate cannot be served: the previous ones stay", metadata: ["problem": "\(error)"])
    }
    accessLog.replace(configuration.accessLog)
    streams.replace(configuration.streams, configuration.proxyProtocol)
    http.replace(configuration)
  }

  /// Whether clients have all connections in use that an upstream may have.
  func isBusy(_ upstream: Upstream) -> Bool {
    guard case .network(_, let host, let port) = upstream else { return false }
    return streams.connectionLimits.isFull(.init(host: host, port: port))
  }
}

extension ProxyConfiguration {
  fileprivate var proxyProtocol: ProxyProtocolPolicy {
    ProxyProtocolPolicy(isAccepted: acceptsProxyProtocol, trustedProxies: trustedProxies)
  }
}

/// Both proxies as one service, so that they stop together: all their listeners close at once, and their connections
/// have the same time to end. A service group stops its services one after the other.
struct Proxies: Service {
  let http: ReverseProxy
  let streams: StreamProxy
  /// Ends when `http` listens: no stream may take an address of `proxy` before that.
  let listened: AsyncStream<Void>

  /// Throws if `proxy.http` or `proxy.https` cannot be opened; the streams end as well.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await http.run() }
      group.addTask {
        for await _ in listened {}
        if !Task.isCancelled { try await streams.run() }
      }
    }
  }
}
