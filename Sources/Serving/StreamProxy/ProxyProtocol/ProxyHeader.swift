package import NIOCore

/// The content of a PROXY protocol header (haproxy's proxy-protocol.txt, versions 1 and 2).
package struct ProxyHeader: Hashable, Sendable {
  /// The true ends of the connection.
  package struct Endpoints: Hashable, Sendable {
    package var source: SocketAddress
    package var destination: SocketAddress

    package init(source: SocketAddress, destination: SocketAddress) {
      (self.source, self.destination) = (source, destination)
    }
  }

  /// Nil if the sender opened the connection for itself (`LOCAL`), or has no usable addresses (`UNKNOWN`, Unix
  /// sockets).
  package var endpoints: Endpoints?

  package init(_ endpoints: Endpoints? = nil) { self.endpoints = endpoints }
}

/// Why bytes are not a PROXY header.
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
