import HTTPMessages
import NIOCore
import NIOPosix
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// An exchange that waits for a connection to an HTTP/1.1 upstream.
@Suite(.timeLimit(.minutes(5))) struct UpstreamPoolTests {
  private final class Waiting {
    private let pool: UpstreamPool
    private var exchange: Exchange?

    init(_ endpoint: UpstreamEndpoint, _ services: ProxyServices, on eventLoop: any EventLoop) throws {
      var configuration = ProxyConfiguration()
      configuration.timeouts.connect = .seconds(120)
      let settings = ProxySettings(configuration, identity: ProxyIdentity())
      let worker = ProxyWorker(eventLoop: eventLoop, services: services, settings: settings)
      let head = try RequestHead(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: web\r\n\r\n"), limits: MessageLimits())
      let peer = ClientPeer(nil, isSecure: false, trustedProxies: [], proxy: settings.identity)
      let exchange = Exchange(head, peer: peer, client: SilentClient(), worker: worker)
      pool = UpstreamPool(endpoint, worker: worker)
      self.exchange = exchange
      pool.serve(exchange, onNewConnection: false)
    }

    /// Returns whether the exchange is still in memory.
    func cancel() -> Bool {
      weak let cancelled = exchange
      exchange?.clientDisconnected()
      exchange = nil
      return cancelled != nil
    }
  }

  private static func endpoint(_ scheme: RouteScheme, of server: RawServer) throws -> UpstreamEndpoint {
    let target = Upstream.network(scheme: scheme, host: server.host, port: server.port)
    return try #require(UpstreamEndpoint(RegisteredRoute.http("web", to: target).route))
  }

  @Test func isReleasedIfItIsCancelledBeforeTheConnection() async throws {
    let endpoint = try Self.endpoint(.http, of: try await RawServer { _ = try await $0.takeAll() })
    let (services, loop) = (try ProxyServices.forTest(), MultiThreadedEventLoopGroup.singleton.next())
    let isKept = try await loop.submit { try Waiting(endpoint, services, on: loop).cancel() }.get()
    #expect(!isKept)
  }

  @Test func isReleasedIfItIsCancelledBeforeTheHandshake() async throws {
    let hasBegun = Gate()
    let server = try await RawServer { connection in
      _ = try await connection.take(1)
      hasBegun.open()
      _ = try await connection.takeAll()
    }
    let endpoint = try Self.endpoint(.https, of: server)
    let (services, loop) = (try ProxyServices.forTest(), MultiThreadedEventLoopGroup.singleton.next())
    let waiting = try await loop.submit { NIOLoopBound(try Waiting(endpoint, services, on: loop), eventLoop: loop) }
      .get()
    try await hasBegun.wait()
    let isKept = try await loop.submit { waiting.value.cancel() }.get()
    #expect(!isKept)
  }
}
