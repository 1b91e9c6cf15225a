import ProxyTraffic
import RouteModel
import RouteRegistry

// What went through the routes that are served.
extension MetricsPage {
  typealias RouteTotals = (entry: RegistrySnapshot.Entry, totals: TrafficTotals)

  mutating func addTraffic(_ traffic: [RouteTotals]) {
    let http = traffic.filter { $0.entry.registered.pool == .http }
    counter(
      "pvescout_proxy_requests_total", "Requests by the class of their status; none: the client went before.",
      http.flatMap { Self.requests($0) })
    gauge(
      "pvescout_proxy_requests_in_flight", "Requests under way.",
      http.map { (Self.labels($0), Double($0.totals.inFlight)) })
    histogram(
      "pvescout_proxy_request_duration_seconds", "From the first byte of a request to the last one of its response.",
      http.map { (Self.labels($0), $0.totals.durations) })
    counter(
      "pvescout_proxy_received_bytes_total", "Bytes of bodies and streams from clients.",
      traffic.map { (Self.labels($0), Double($0.totals.received)) })
    counter(
      "pvescout_proxy_sent_bytes_total", "Bytes of bodies and streams to clients.",
      traffic.map { (Self.labels($0), Double($0.totals.sent)) })
    counter(
      "pvescout_proxy_connections_total", "WebSockets, TCP connections and UDP sessions that were opened.",
      traffic.flatMap { Self.connections($0, \.opened) })
    gauge(
      "pvescout_proxy_connections_open", "WebSockets, TCP connections and UDP sessions that are open.",
      traffic.flatMap { Self.connections($0, \.open) })
    counter(
      "pvescout_proxy_refused_total", "TCP connections and UDP sessions that found no upstream.",
      traffic.filter { $0.entry.registered.pool == .stream }.flatMap { Self.refusals($0) })
  }

  mutating func addAccessLog(_ log: AccessLog) {
    guard log.isOn || log.dropped > 0 else { return }
    counter(
      "pvescout_access_log_dropped_total", "Requests that the access log could not write down.",
      [([], Double(log.dropped))])
  }

  private static func labels(_ route: RouteTotals) -> [(String, String)] {
    [("route", route.entry.key), ("provider", route.entry.registered.id.provider.text)]
  }

  private static func requests(_ route: RouteTotals) -> [Sample] {
    route.totals.requests.enumerated().map { digit, count in
      (labels(route) + [("code_class", digit == 0 ? "none" : "\(digit)xx")], Double(count))
    }
  }

  private static func refusals(_ route: RouteTotals) -> [Sample] {
    route.totals.refusals.map { (labels(route) + [("reason", $0.reason.label)], Double($0.count)) }
  }

  /// Of the kinds that such a route can have.
  private static func connections(
    _ route: RouteTotals, _ number: (TrafficTotals.Connections) -> Int
  ) -> [Sample] {
    let own: RouteTraffic.Connection =
      switch route.entry.route.scheme {
      case .tcp: .tcp
      case .udp: .udp
      case .http, .https, .h2c, .fileserver: .webSocket
      }
    return route.totals.connections.filter { $0.kind == own }.map {
      (labels(route) + [("kind", $0.kind.label)], Double(number($0)))
    }
  }
}

extension RouteTraffic.Connection {
  fileprivate var label: String {
    switch self {
    case .webSocket: "websocket"
    case .tcp: "tcp"
    case .udp: "udp"
    }
  }
}

extension RouteTraffic.Refusal {
  fileprivate var label: String {
    switch self {
    case .noTarget: "no_target"
    case .loop: "loop"
    case .guestStopped: "guest_stopped"
    case .notAllowed: "not_allowed"
    case .upstreamRefused: "upstream_refused"
    case .upstreamTimedOut: "upstream_timeout"
    case .upstreamUnreachable: "upstream_unreachable"
    case .overloaded: "overloaded"
    }
  }
}
