import ProxyTraffic
import RouteModel
import RouteRegistry

// The traffic of the routes that are served.
extension Metrics {
  /// The traffic of one route.
  struct RouteTotals {
    let labels: MetricLabels
    let registered: RegisteredRoute
    let totals: TrafficTotals
  }

  mutating func addTraffic(_ traffic: [(entry: RegistrySnapshot.Entry, totals: TrafficTotals)]) {
    let traffic = traffic.map {
      RouteTotals(labels: MetricLabels($0.entry), registered: $0.entry.registered, totals: $0.totals)
    }
    let http = traffic.filter { $0.registered.pool == .http }
    add(
      .counter, "pvescout_proxy_requests_total",
      "Requests by the class of their status; none: the client went before.", http
    ) { $0.addRequests(of: $1) }
    add(.gauge, "pvescout_proxy_requests_in_flight", "Requests under way.", http) {
      $0.add($1.totals.inFlight, $1.labels)
    }
    add(
      .histogram, "pvescout_proxy_request_duration_seconds",
      "From the first byte of a request to the last one of its response.", http
    ) { $0.addDurations(of: $1) }
    add(.counter, "pvescout_proxy_received_bytes_total", "Bytes of bodies and streams from clients.", traffic) {
      $0.add($1.totals.received, $1.labels)
    }
    add(.counter, "pvescout_proxy_sent_bytes_total", "Bytes of bodies and streams to clients.", traffic) {
      $0.add($1.totals.sent, $1.labels)
    }
    add(
      .counter, "pvescout_proxy_connections_total", "WebSockets, TCP connections and UDP sessions that were opened.",
      traffic
    ) { $0.addConnections(of: $1, \.opened) }
    add(
      .gauge, "pvescout_proxy_connections_open", "WebSockets, TCP connections and UDP sessions that are open.", traffic
    ) { $0.addConnections(of: $1, \.open) }
    add(
      .counter, "pvescout_proxy_refused_total", "TCP connections and UDP sessions that found no upstream.",
      traffic.filter { $0.registered.pool == .stream }
    ) { $0.addRefusals(of: $1) }
  }

  mutating func addAccessLog(_ log: AccessLog) {
    guard log.isOn || log.dropped > 0 else { return }
    counter(
      "pvescout_access_log_dropped_total", "Requests that the access log could not write down.",
      [([], Double(log.dropped))])
  }

  private mutating func add(
    _ kind: MetricsPage.Kind, _ name: String, _ help: String, _ traffic: [RouteTotals],
    _ write: @escaping @Sendable (inout MetricsPage, RouteTotals) -> Void
  ) {
    add(kind, name, help, count: traffic.count) { write(&$1, traffic[$0]) }
  }
}

extension MetricsPage {
  fileprivate mutating func addRequests(of route: Metrics.RouteTotals) {
    for (digit, count) in route.totals.requests.enumerated() {
      sample(route.labels)
      label("code_class", digit == 0 ? "none" : "\(digit)xx")
      value(count)
    }
  }

  fileprivate mutating func addDurations(of route: Metrics.RouteTotals) {
    let durations = route.totals.durations
    for bucket in durations.buckets {
      sample(route.labels, suffix: "_bucket")
      label("le", "\(bucket.upTo / .seconds(1))".withoutFraction)
      value(bucket.count)
    }
    sample(route.labels, suffix: "_bucket")
    label("le", "+Inf")
    value(durations.count)
    sample(route.labels, suffix: "_sum")
    value(durations.sum)
    sample(route.labels, suffix: "_count")
    value(durations.count)
  }

  fileprivate mutating func addRefusals(of route: Metrics.RouteTotals) {
    for refusal in route.totals.refusals {
      sample(route.labels)
      label("reason", refusal.reason.label)
      value(refusal.count)
    }
  }

  /// Appends the connections by the kinds that such a route can have.
  fileprivate mutating func addConnections(
    of route: Metrics.RouteTotals, _ number: (TrafficTotals.Connections) -> Int
  ) {
    let own: RouteTraffic.Connection =
      switch route.registered.route.scheme {
      case .tcp: .tcp
      case .udp: .udp
      case .http, .https, .h2c, .fileserver: .webSocket
      }
    for connections in route.totals.connections where connections.kind == own {
      sample(route.labels)
      label("kind", own.label)
      value(number(connections))
    }
  }
}

extension String {
  /// `10` for `10.0`.
  fileprivate var withoutFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
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
