package import NIOCore
import RouteModel
package import RouteRegistry

extension StreamProxy {
  /// The route with `tls: passthrough` for a server name: the one of that alias, else of the whole name, else of the
  /// wildcard that covers it. Nil if TLS of that name is not passed through.
  /// - Parameter alias: the name's first label if the name is under a domain that has short aliases.
  package nonisolated func passthroughRoute(alias: String, host: String) -> RegisteredRoute? {
    let route = environment.registry.getStreamRouteOrExact(alias: alias, host: host)
    return route?.route.declaration.streamTLS == .passthrough ? route : nil
  }

  /// Relays an accepted connection to the route's target without touching its TLS. Called on its event loop.
  ///
  /// No handler of another protocol may be left in its pipeline, and ``ChannelOptions/allowRemoteHalfClosure`` must be
  /// set.
  /// - Parameters:
  ///   - firstBytes: the bytes already read, starting with the connection's first byte.
  ///   - hasEnded: whether the client has already ended its side (`ChannelEvent.inputClosed`).
  ///   - header: the header from a trusted proxy in front of this one.
  package nonisolated func relay(
    _ channel: any Channel, to route: RegisteredRoute, firstBytes: ByteBuffer, hasEnded: Bool = false,
    header: ProxyHeader? = nil
  ) throws {
    let front = RelayHandler(hasEnded: hasEnded)
    try channel.pipeline.syncOperations.addHandler(front)
    front.keep(firstBytes)
    environment.connections.add(channel)
    StreamConnection(channel, front: front, relaysSockets: true, environment: environment).serve(route, header: header)
  }
}
