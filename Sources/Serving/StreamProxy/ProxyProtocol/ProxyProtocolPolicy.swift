package import NIOCore
package import RouteModel

/// Whose connections begin with a PROXY protocol header.
package struct ProxyProtocolPolicy: Hashable, Sendable {
  /// Peers whose word about the client's address counts.
  package var trustedProxies: [IPNetwork]
  package var isAccepted: Bool

  package init(isAccepted: Bool = false, trustedProxies: [IPNetwork] = []) {
    (self.isAccepted, self.trustedProxies) = (isAccepted, trustedProxies)
  }

  /// Whether a ``ProxyProtocolHandler`` must come first on a connection from there. Everybody else's bytes are the
  /// connection's own: a header among them is passed on like any other byte.
  package func expectsHeader(from peer: SocketAddress?) -> Bool {
    guard isAccepted, let address = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return false }
    return trustedProxies.contains { $0.contains(address) }
  }
}
