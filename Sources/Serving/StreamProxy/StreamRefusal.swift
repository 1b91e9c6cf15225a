import Glibc
import NIOCore
import NIOPosix
import NameResolution
import ProxyTraffic
import RouteModel
import ServerSockets
import WakeOnDemand

/// Why a connection was closed instead of being relayed.
enum StreamRefusal: Error, Hashable, CustomStringConvertible {
  /// The route has no target: its link is open, ambiguous or lost.
  case noTarget(String)
  /// The target is the listener itself.
  case itself(String)
  /// The datagram claims to come from the upstream, or from a port that the agent itself listens on: the answers would
  /// answer each other forever.
  case loop
  /// The route serves other clients only.
  case notAllowed
  /// The agent has no file descriptor, port or memory left.
  case overloaded
  /// All connections that the upstream may have (`max_conns_per_host`) stayed in use.
  case noTurn(limit: Int)
  /// The guest was not up in time, or the client went before.
  case notWoken(String)
  case upstreamUnreachable(String, counted: RouteTraffic.Refusal)

  static func notWoken(_ status: GateStatus) -> StreamRefusal { .notWoken(status.cause ?? "its start has failed") }

  static func noTarget(of route: Route) -> StreamRefusal {
    .noTarget(route.noTargetReason ?? "it is not decided yet")
  }

  /// The refusal for a failed connection attempt.
  static func upstream(of route: Route, _ error: any Error) -> StreamRefusal {
    if error.isShortageHere { return .overloaded }
    // PVE's status only explains a connection that has failed.
    guard let resource = route.link.resource, case .guest(_, _, _, _, .stopped) = resource.identity else {
      return .upstreamUnreachable(error.systemReason, counted: error.connectRefusal)
    }
    return .upstreamUnreachable("\(resource.summary) is stopped (\(error.systemReason))", counted: .guestStopped)
  }

  /// The category for the counts.
  var counted: RouteTraffic.Refusal {
    switch self {
    case .noTarget: .noTarget
    case .itself, .loop: .loop
    case .notAllowed: .notAllowed
    case .overloaded: .overloaded
    case .noTurn: .upstreamTimedOut
    case .notWoken: .guestStopped
    case .upstreamUnreachable(_, let counted): counted
    }
  }

  var description: String {
    switch self {
    case .noTarget(let reason): "the route has no target: \(reason)"
    case .itself(let target): "the target \(target) is this listener itself: give the route another port or host"
    case .loop: "the datagram claims to come from the upstream, or from a listener of this agent"
    case .notAllowed: "the client is in no network that cidr_whitelist allows"
    case .overloaded: "the agent has no file descriptor left for the connection"
    case .noTurn(let limit): "the upstream's \(limit) connections (max_conns_per_host) are in use"
    case .notWoken(let reason): "the guest is not up: \(reason)"
    case .upstreamUnreachable(let reason, _): "the upstream cannot be reached: \(reason)"
    }
  }
}

extension Error {
  /// Whether this machine failed, not the upstream.
  fileprivate var isShortageHere: Bool {
    switch self as any Error {
    case let error as IOError: [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN].contains(error.errnoCode)
    case let error as NIOConnectionError:
      error.isShortage || error.connectionErrors.contains { $0.error.isShortageHere }
    case NameFailure.shortage: true
    default: false
    }
  }

  /// The category of a failure; for several attempts at a name's addresses, of the first one.
  fileprivate var connectRefusal: RouteTraffic.Refusal {
    switch self as any Error {
    case ChannelError.connectTimeout: .upstreamTimedOut
    case let error as IOError where error.errnoCode == ETIMEDOUT: .upstreamTimedOut
    case let error as IOError where error.errnoCode == ECONNREFUSED: .upstreamRefused
    case let error as NIOConnectionError: error.connectionErrors.first?.error.connectRefusal ?? .upstreamUnreachable
    default: .upstreamUnreachable
    }
  }
}
