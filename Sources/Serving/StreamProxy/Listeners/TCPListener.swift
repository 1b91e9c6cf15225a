import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import RouteModel
import RouteRegistry
import ServerSockets

/// Listens for a TCP route and looks the route up for each connection.
struct TCPListener: StreamListener {
  let spec: ListenerSpec
  let channel: any Channel

  /// Throws the error of bind(2) or listen(2).
  static func open(_ spec: ListenerSpec, _ environment: StreamEnvironment) async throws -> TCPListener {
    let channel = try await ServerBootstrap(group: environment.group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AcceptGate(environment.descriptors, logger: environment.logger))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try accept(channel, spec, environment) }
      }
      .listen(at: spec.address, environment.inherited)
    return TCPListener(spec: spec, channel: channel)
  }

  private static func accept(_ channel: any Channel, _ spec: ListenerSpec, _ environment: StreamEnvironment) throws {
    environment.connections.add(channel)
    let timeout = TimeAmount(environment.configuration.openingTimeout)
    let awaitsHeader = environment.proxyProtocol.expectsHeader(from: channel.remoteAddress)
    let pipeline = channel.pipeline.syncOperations
    if awaitsHeader { try pipeline.addHandler(ProxyProtocolHandler(timeout: timeout)) }
    if spec.terminatesTLS { try terminateTLS(channel, environment) }
    let front = RelayHandler()
    let connection = StreamConnection(
      channel, front: front, relaysSockets: !spec.terminatesTLS, environment: environment)
    let opening = OpeningHandler(
      awaitsHeader: awaitsHeader, awaitsHandshake: spec.terminatesTLS, timeout: timeout
    ) { header in
      // The route may have been removed or replaced since the listener was opened.
      guard let route = environment.registry.getStreamRoute(spec.id.alias.folded), route.id == spec.id else {
        return channel.close(promise: nil)
      }
      connection.serve(route, header: header)
    }
    try pipeline.addHandler(opening)
    try pipeline.addHandler(front)
  }

  private static func terminateTLS(_ channel: any Channel, _ environment: StreamEnvironment) throws {
    let serverName = ByteToMessageHandler(
      SNIHandler { result in
        do {
          let name: String? = if case .hostname(let name) = result { name } else { nil }
          guard let context = environment.certificates(name) else { return channel.close() }
          let pipeline = channel.pipeline.syncOperations
          let peeking = try pipeline.handler(type: ByteToMessageHandler<SNIHandler>.self)
          try pipeline.addHandler(NIOSSLServerHandler(context: context), position: .after(peeking))
          return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
          return channel.close()
        }
      })
    try channel.pipeline.syncOperations.addHandler(serverName)
  }
}
