import FileServing
import HTTPMessages
import RouteModel
import WakeOnDemand

/// Why the proxy answers a request by itself.
enum ProxyFailure: Hashable, Sendable {
  case noRoute(host: String)
  /// The TLS of that host is passed through, and this connection's was not (RFC 9110 §15.5.20).
  case misdirected(host: String)
  /// The route has nobody to send to. The reason is for a route that has no such excuse as an open link.
  case noTarget(reason: String)
  /// The route restricts access in a way that is not enforced here.
  case restricted(reason: String)
  /// The route serves other clients only.
  case notAllowed(ClientAllowance)
  case badRequest(MessageFault)
  /// Clear text, where TLS is spoken.
  case notTLS
  /// The request did not come to its end in time.
  case clientTooSlow
  /// Nobody at the upstream's address took the connection.
  case unreachable(Unreachable)
  /// The upstream's certificate, or its TLS, is not as wanted. The reason is told to the client.
  case untrusted(reason: String)
  /// This machine has no connection, port or file left to give.
  case overloaded
  /// All connections that the upstream may have (`max_conns_per_host`) were in use for as long as it had to answer.
  case upstreamBusy(limit: Int)
  /// The request went through this proxy before.
  case loop
  /// A WebSocket, or another protocol to switch to, for an upstream of HTTP/2 (RFC 9113 §8.6).
  case noUpgrade
  /// The upstream took the request, and did not begin to answer in time.
  case timedOut
  /// The upstream closed the connection before its response.
  case connectionLost
  /// The upstream's response is none; why is told to the client.
  case badResponse(String)
  /// The upstream's response has a larger head than is taken.
  case responseTooLarge(MessageFault)
  case file(FileRefusal)
  /// The guest sleeps, and this request does not wake it.
  case asleep(reason: String)
  /// The guest was not up in time.
  case notWoken(GateStatus)

  enum Unreachable: Hashable, Sendable { case refused, timedOut, noSuchName, noNetworkPath }

  /// Whether the upstream must have taken a connection to fail so.
  var provesConnection: Bool {
    switch self {
    case .untrusted, .connectionLost, .badResponse, .responseTooLarge: true
    default: false
    }
  }

  /// What an upstream's response is refused for.
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
