package import NIOCore

/// What a PROXY protocol header says of a connection (haproxy's proxy-protocol.txt, versions 1 and 2).
package struct ProxyHeader: Hashable, Sendable {
  /// Who really talks to whom.
  package struct Endpoints: Hashable, Sendable {
    package var source: SocketAddress
    package var destination: SocketAddress

    package init(source: SocketAddress, destination: SocketAddress) {
      (self.source, self.destination) = (source, destination)
    }
  }

  /// Nil where the sender speaks for itself (`LOCAL`), or does not know or cannot tell (`UNKNOWN`, Unix sockets).
  package var endpoints: Endpoints?

  package init(_ endpoints: Endpoints? = nil) { self.endpoints = endpoints }
}

/// Why bytes are no PROXY header.
package enum ProxyHeaderError: Error, Hashable, CustomStringConvertible {
  /// The connection begins with something else.
  case missing
  case malformed(version: Int, String)

  package var description: String {
    switch self {
    case .missing: "the connection does not begin with a PROXY protocol header"
    case .malformed(let version, let reason): "malformed PROXY protocol header of version \(version): \(reason)"
    }
  }
}
