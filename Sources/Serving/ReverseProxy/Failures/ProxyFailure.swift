import FileServing
import HTTPMessages
import RouteModel
import WakeOnDemand

/// Why the proxy answers a request itself.
enum ProxyFailure: Hashable, Sendable {
  case noRoute(host: String)
  /// TLS of that host is passed through, but this connection's TLS ended here (RFC 9110 §15.5.20).
  case misdirected(host: String)
  /// The route has no target. The reason is used if its link does not explain that.
  case noTarget(reason: String)
  /// The route has an access control that the proxy does not enforce.
  case restricted(reason: String)
  /// The route serves other clients only.
  case notAllowed(ClientAllowance)
  case badRequest(MessageFault)
  /// Clear text on the HTTPS port.
  case notTLS
  /// The request was not complete in time.
  case clientTooSlow
  /// No connection to the upstream could be opened.
  case unreachable(Unreachable)
  /// The upstream's certificate or TLS is not accepted. The reason is part of the response.
  case untrusted(reason: String)
  /// The machine has no free descriptor or port.
  case overloaded
  /// All connections that the upstream may have (`max_conns_per_host`) were in use for as long as it had to answer.
  case upstreamBusy(limit: Int)
  /// The request has passed through this proxy before.
  case loop
  /// A protocol switch, such as to WebSocket, for an HTTP/2 upstream (RFC 9113 §8.6).
  case noUpgrade
  /// The upstream accepted the request and did not begin its response in time.
  case timedOut
  /// The upstream closed the connection before its response.
  case connectionLost
  /// The upstream's response is invalid. The reason is part of the response to the client.
  case badResponse(String)
  /// The head of the upstream's response exceeds the limits.
  case responseTooLarge(MessageFault)
  case file(FileRefusal)
  /// The guest is stopped, and this request does not start it.
  case asleep(reason: String)
  /// The guest was not up in time.
  case notWoken(GateStatus)

  enum Unreachable: Hashable, Sendable { case refused, timedOut, noSuchName, noNetworkPath }

  /// Whether the failure proves that the upstream accepted a connection.
  var provesConnection: Bool {
    switch self {
    case .untrusted, .connectionLost, .badResponse, .responseTooLarge: true
    default: false
    }
  }

  /// The failure for an invalid response of an upstream.
  init(response fault: MessageFault) {
    switch fault {
    case .headTooLarge, .tooManyFields: self = .responseTooLarge(fault)
    default: self = .badResponse("\(fault)")
    }
  }

  var status: UInt16 {
    switch self {
    case .noRoute: 404
    case .restricted: 403
    case .notAllowed(let allowed): allowed.status
    case .misdirected: 421
    case .badRequest(.headTooLarge), .badRequest(.tooManyFields): 431
    case .badRequest(.version): 505
    case .badRequest, .notTLS: 400
    case .clientTooSlow: 408
    case .unreachable(.timedOut), .timedOut: 504
    case .unreachable, .untrusted, .connectionLost, .badResponse, .responseTooLarge: 502
    case .noUpgrade: 501
    case .noTarget, .overloaded, .upstreamBusy, .asleep, .notWoken: 503
    case .loop: 508
    case .file(let refusal): UInt16(refusal.status)
    }
  }
}
