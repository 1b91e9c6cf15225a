import HTTPMessages
import Logging
import NIOPosix
import PeerTrust
import ProxyTLS
import ProxyTraffic
import ReverseProxy
import RouteModel
import RouteRegistry
import ServiceLifecycle
import StreamProxy
import TestSupport
import Testing

/// The real proxy on one event loop, with two routes to one upstream with HTTP/2 in clear text: `web`, and `hasty` with a
/// response timeout of one second.
final class H2CLab: Sendable {
  let port: UInt16
  let securePort: UInt16
  let traffic: TrafficBook
  let route: RegisteredRoute
  /// Lives as long as the lab.
  private let upstream: any Sendable
  private let certificate: TestCertificate
  private let running: Task<Void, any Error>

  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  convenience init(
    _ upstream: H2CUpstream, configure: (inout ProxyConfiguration) -> Void = { _ in }
  ) async throws {
    try await self.init(upstream, host: upstream.host, port: upstream.port, configure: configure)
  }

  convenience init(_ server: RawServer, configure: (inout ProxyConfiguration) -> Void = { _ in }) async throws {
    try await self.init(server, host: server.host, port: server.port, configure: configure)
  }

  private init(
    _ upstream: any Sendable, host: String, port: UInt16, configure: (inout ProxyConfiguration) -> Void
  ) async throws {
    self.upstream = upstream
    certificate = try TestCertificate(names: ["DNS:web.test"])
    var configuration = ProxyConfiguration()
    configuration.http = .init(host: "127.0.0.1", port: 0)
    configuration.https = .init(host: "127.0.0.1", port: 0)
    configuration.certificates = [
      CertificateFiles(certificate: certificate.certificateFile, key: certificate.keyFile)
    ]
    configuration.timeouts.drain = .zero
    // Long, for slow machines: no test is about these.
    configuration.timeouts.connect = .seconds(120)
    configuration.timeouts.upstreamIdle = .seconds(120)
    configuration.timeouts.responseHeader = .seconds(600)
    configuration.timeouts.idle = .seconds(600)
    configure(&configuration)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let registry = RouteRegistry(logger: logger)
    let target = Upstream.network(scheme: .h2c, host: host, port: port)
    route = try RegisteredRoute(.to(target, alias: "web"))
    registry.apply(adding: [route, try RegisteredRoute(.to(target, alias: "hasty", timeout: .seconds(1)))])
    traffic = TrafficBook(registry: registry)
    let certificates = try CertificateStore(configuration.certificates, logger: logger)
    let services = ProxyServices(
      registry: registry, traffic: traffic, accessLog: AccessLog(nil, logger: logger), certificates: certificates,
      upstreamTLS: try UpstreamTLS(logger: logger),
      streams: StreamProxy(
        configuration: configuration.streams,
        proxyProtocol: ProxyProtocolPolicy(isAccepted: false, trustedProxies: []), registry: registry,
        traffic: traffic, group: Self.group, certificates: { _ in nil }, logger: logger), logger: logger)
    let proxy = ReverseProxy(configuration: configuration, services: services, group: Self.group)
    running = Task { try await proxy.run() }
    let listening = try await eventually("the proxy listens") { proxy.listening.count == 2 ? proxy.listening : nil }
    self.port = Self.port(listening["http"])
    securePort = Self.port(listening["https"])
  }

  deinit { running.cancel() }

  private static func port(_ address: String?) -> UInt16 { UInt16(address?.split(separator: ":").last ?? "") ?? 0 }

  // MARK: Clients

  func connect(reading: Bool = true) async throws -> RawConnection {
    try await RawConnection.connect(to: port, reading: reading)
  }

  /// Sends a request over HTTP/1.1 on a new connection.
  func get(
    _ path: String = "/", of route: String = "web", method: String = "GET", fields: String = ""
  ) async throws -> RawMessage {
    let connection = try await connect()
    try await connection.send("\(method) \(path) HTTP/1.1\r\nHost: \(route).test\r\n\(fields)\r\n")
    return try #require(try await connection.response(to: method))
  }

  /// Sends a request over HTTP/2. Returns the fields, trailers and body of the response.
  func curl(_ path: String, _ options: [String] = []) async throws -> String {
    let arguments = [
      "--silent", "--show-error", "--http2", "--max-time", "170", "--cacert", certificate.certificateFile,
      "--resolve", "web.test:\(securePort):127.0.0.1", "--dump-header", "-",
      "https://web.test:\(securePort)\(path)",
    ]
    return try await Program.run("/usr/bin/curl", arguments + options).output
  }
}

extension Route {
  fileprivate static func to(_ target: Upstream, alias: String, timeout: Duration? = nil) throws -> Route {
    let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    var declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    declaration.responseHeaderTimeout = timeout
    return Route(
      id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .h2c,
      target: target, trust: .systemRoots, excludedReason: nil, link: .unlinked(.init(.noMatch, "for the test")),
      healthCheck: HealthCheck(), health: HealthCell(.unknown("not checked yet")))
  }
}
