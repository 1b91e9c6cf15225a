import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets

/// One accepted connection on its event loop: finds its upstream, is relayed, leaves its record.
final class StreamConnection {
  private let channel: any Channel
  /// At the end of the channel's pipeline; it holds what arrives until the upstream is there.
  private let front: RelayHandler
  private let environment: StreamEnvironment
  private let accepted = ContinuousClock.now

  init(_ channel: any Channel, front: RelayHandler, environment: StreamEnvironment) {
    (self.channel, self.front, self.environment) = (channel, front, environment)
  }

  /// Relays the connection to the target that the route has now.
  /// - Parameter header: what a trusted proxy in front of this one told.
  func serve(_ route: RegisteredRoute, header: ProxyHeader?) {
    let endpoints = header?.endpoints ?? ownEndpoints
    environment.begin(.tcp, of: route)
    guard case .network(_, let host, let port)? = route.route.target else {
      return refuse(route, endpoints, .noTarget(of: route.route))
    }
    // Such a connection would make the next one, until no descriptor is left.
    if channel.localAddress?.isReached(by: host, port) == true {
      return refuse(route, endpoints, .itself(route.upstream.hostPort ?? host))
    }
    connect(host, Int(port)).assumeIsolated().whenComplete { result in
      switch result {
      case .success(let upstream): self.join(upstream, route, endpoints)
      case .failure(let error): self.refuse(route, endpoints, .upstream(of: route.route, error))
      }
    }
  }

  private func connect(_ host: String, _ port: Int) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: channel.eventLoop)
      .connectTimeout(TimeAmount(environment.configuration.connectTimeout))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: ReceiveBuffer())
      .channelInitializer { upstream in
        upstream.eventLoop.makeCompletedFuture { try upstream.pipeline.syncOperations.addHandler(RelayHandler()) }
      }
    if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
    return bootstrap.connect(host: host, port: port)
  }

  private func join(_ upstream: any Channel, _ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?) {
    guard let back = try? upstream.pipeline.syncOperations.handler(type: RelayHandler.self) else {
      upstream.close(promise: nil)
      return refuse(
        route, endpoints, .upstreamUnreachable("it closed the connection at once", counted: .upstreamUnreachable))
    }
    if let version = route.route.declaration.relayedProxyHeader {
      var bytes = channel.allocator.buffer(capacity: ProxyHeader.longestLine)
      ProxyHeader(endpoints).write(to: &bytes, version: version)
      upstream.writeAndFlush(bytes, promise: nil)
    }
    let (environment, accepted, loop) = (environment, accepted, channel.eventLoop)
    let idle = TimeAmount(environment.configuration.idleTimeout)
    let meter = RelayMeter(front, back, environment.traffic.traffic(for: route))
    environment.meters.add(meter, on: loop)
    Relay.join(front, back, on: loop, idle: idle) { counts in
      environment.meters.remove(meter, on: loop)
      meter.count()
      environment.end(
        StreamRecord(
          kind: .tcp, route: route, client: endpoints?.source, bytesFromClient: counts.fromA,
          bytesFromUpstream: counts.fromB, duration: accepted.duration(to: .now)))
    }
  }

  private func refuse(_ route: RegisteredRoute, _ endpoints: ProxyHeader.Endpoints?, _ refusal: StreamRefusal) {
    channel.close(promise: nil)
    environment.end(
      StreamRecord(
        kind: .tcp, route: route, client: endpoints?.source, duration: accepted.duration(to: .now), refusal: refusal))
  }

  private var ownEndpoints: ProxyHeader.Endpoints? {
    guard let source = channel.remoteAddress, let destination = channel.localAddress else { return nil }
    return ProxyHeader.Endpoints(source: source, destination: destination)
  }

}
