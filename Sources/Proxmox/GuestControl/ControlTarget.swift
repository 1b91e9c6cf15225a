package import RouteModel

/// Where a route's service answers once its guest runs.
package enum ControlTarget: Hashable, Sendable, CustomStringConvertible {
  case tcp(host: String, port: UInt16)
  /// A UDP service, which cannot be tested by connecting: the guest only has to run.
  case unprobed
  /// No address is known yet.
  case unknown

  package init(_ upstream: Upstream?) {
    switch upstream {
    case nil: self = .unknown
    case .network(.udp, _, _): self = .unprobed
    case .network(_, let host, let port): self = .tcp(host: host, port: port)
    default: self = .unprobed
    }
  }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unprobed: "its port"
    case .unknown: "an unknown address"
    }
  }
}
