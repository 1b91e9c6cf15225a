package import NIOCore
import RouteModel
package import RouteRegistry

extension StreamProxy {
  /// The route with `tls: passthrough` for a server name: the one of that alias, or else of that whole name, or else of the
  /// wildcard over it. Nil where TLS of that name is not passed through.
  /// - Parameter alias: the name's first label where the name is under a domain that has short aliases.
  package nonisolated func passthroughRoute(alias: String, host: String) -> RegisteredRoute? {
    let route = environment.registry.getStreamRouteOrExact(alias: alias, host: host)
    return route?.route.declaration.streamTLS == .passthrough ? route : nil
  }

  /// Relays an accepted connection to the route's target as it is, its TLS untouched. Called on its event loop.
  ///
  /// Nothing of another protocol may stand in its pipeline any more, and ``ChannelOptions/allowRemoteHalfClosure`` must be
  /// set.
  /// - Parameters:
  ///   - firstBytes: what was read already, from the connection's first byte on.
  ///   - hasEnded: whether the client has already ended its side (`ChannelEvent.inputClosed`).
  ///   - header: what a trusted proxy in front of this one told.
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
