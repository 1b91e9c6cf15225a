package import NIOCore
package import RouteModel

/// The peers whose connections begin with a PROXY protocol header.
package struct ProxyProtocolPolicy: Hashable, Sendable {
  /// Peers that are trusted to state the client's address.
  package var trustedProxies: [IPNetwork]
  package var isAccepted: Bool

  package init(isAccepted: Bool = false, trustedProxies: [IPNetwork] = []) {
    (self.isAccepted, self.trustedProxies) = (isAccepted, trustedProxies)
  }

  /// Whether a connection from that peer needs a ``ProxyProtocolHandler`` first. For all other peers, a header is part
  /// of the payload and is passed on unchanged.
  package func expectsHeader(from peer: SocketAddress?) -> Bool {
    guard isAccepted, let address = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return false }
    return trustedProxies.contains { $0.contains(address) }
  }
}
