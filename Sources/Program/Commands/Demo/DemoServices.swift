import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The services of the demo's guests and nodes: small, but real listeners.
final class DemoServices: Sendable {
  private struct Running {
    var service: DemoScenario.Service
    var port: Int
    var channels: [any Channel]
  }

  private let running = Mutex<[String: Running]>([:])

  /// The ports of all started services, by name; a stopped one keeps its port.
  var ports: [String: Int] { running.withLock { $0.mapValues(\.port) } }

  /// Starts a service at its usual port, or at any free one if that is taken.
  func start(_ service: DemoScenario.Service) async throws {
    if service.usualPort > 0, try await listens(service, port: service.usualPort) { return }
    for _ in 0..<20 where try await listens(service, port: 0) {
      // For a route without a scheme, such a port implies https.
      if let port = ports[service.name], port % 1000 != 443 { return }
      await stop(service.name)
    }
    throw DemoError.noPort(service: service.name)
  }

  func stop(_ name: String) async {
    let channels = running.withLock { running in
      defer { running[name]?.channels = [] }
      return running[name]?.channels ?? []
    }
    for channel in channels { try? await channel.close() }
  }

  /// Restarts a stopped service at its port, optionally on other addresses; returns false if the port is taken.
  func restart(_ name: String, on addresses: [String]? = nil) async throws -> Bool {
    guard let (known, port) = running.withLock({ running in running[name].map { ($0.service, $0.port) } }) else {
      return false
    }
    var service = known
    if let addresses { service.addresses = addresses }
    return try await listens(service, port: port)
  }

  func stopAll() async {
    for name in ports.keys { await stop(name) }
  }

  /// Returns whether it could listen on all its addresses at one port.
  private func listens(_ service: DemoScenario.Service, port: Int) async throws -> Bool {
    var port = port
    var channels: [any Channel] = []
    for address in service.addresses {
      do {
        let channel = try await bootstrap(service).bind(host: address, port: port).get()
        channels.append(channel)
        port = channel.localAddress?.port ?? port
      } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
        for channel in channels { try? await channel.close() }
        return false
      }
    }
    let entry = Running(service: service, port: port, channels: channels)
    running.withLock { $0[service.name] = entry }
    return true
  }

  private func bootstrap(_ service: DemoScenario.Service) -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          switch service.kind {
          case .http:
            try pipeline.configureHTTPServerPipeline()
            try pipeline.addHandler(DemoPage(title: service.name))
          case .tcp:
            try pipeline.addHandler(DemoBanner(text: "SSH-2.0-\(service.name)\r\n"))
          }
        }
      }
  }
}

/// Greets each client, as SSH and mail servers do.
final class DemoBanner: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let text: String

  init(text: String) { self.text = text }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
