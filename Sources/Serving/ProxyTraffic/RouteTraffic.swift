import Synchronization

/// What went through one route since the agent started: counters that any thread adds to without waiting.
///
/// It lives on while the route is linked anew, changed, or gone for a while; see ``TrafficBook``.
package final class RouteTraffic: Sendable {
  /// What stays open on a route.
  package enum Connection: Int, Sendable, CaseIterable { case webSocket, tcp, udp }

  /// Why a connection or UDP session of a stream route ended before anything was relayed.
  package enum Refusal: Int, Sendable, CaseIterable {
    /// The route has nobody to send it to, or only itself.
    case noTarget, loop
    /// The upstream was not reached, and its guest is stopped.
    case guestStopped
    case upstreamRefused, upstreamTimedOut
    /// The upstream was not reached for another reason.
    case upstreamUnreachable
    /// The route serves other clients only.
    case notAllowed
    /// The agent itself had no descriptor or memory left.
    case overloaded
  }

  private let requests: InlineArray<6, Counter> = counters()
  private let durations = DurationHistogram()
  private let inFlight = Counter()
  private let received = Counter()
  private let sent = Counter()
  private let opened: InlineArray<3, Counter> = counters()
  private let open: InlineArray<3, Counter> = counters()
  private let refused: InlineArray<8, Counter> = counters()

  init() {}

  package func requestBegan() { inFlight.add(1) }

  /// Once for each ``requestBegan()``, however it ended.
  ///
  /// - Parameters:
  ///   - status: what the client got; 0 where it went before.
  ///   - received: bytes of the request's body; `sent`: of the response's.
  ///   - microseconds: from the first byte of the request to the last one of the response.
  package func requestEnded(status: Int, received: Int, sent: Int, microseconds: Int64) {
    inFlight.add(-1)
    requests[(1...5).contains(status / 100) ? status / 100 : 0].add(1)
    durations.add(microseconds: microseconds)
    transferred(received: received, sent: sent)
  }

  /// Bytes of a tunnel or stream, from the client and to it, as they pass.
  package func transferred(received: Int, sent: Int) {
    if received > 0 { self.received.add(received) }
    if sent > 0 { self.sent.add(sent) }
  }

  package func opened(_ connection: Connection) {
    opened[connection.rawValue].add(1)
    open[connection.rawValue].add(1)
  }

  /// Once for each ``opened(_:)``.
  package func closed(_ connection: Connection) { open[connection.rawValue].add(-1) }

  /// What was ``opened(_:)`` found no upstream.
  package func refused(_ refusal: Refusal) { refused[refusal.rawValue].add(1) }

  /// As of about now: the numbers are read one after the other.
  package var totals: TrafficTotals {
    TrafficTotals(
      requests: (0..<6).map { requests[$0].value }, durations: durations.totals, inFlight: inFlight.value,
      received: received.value, sent: sent.value,
      connections: Connection.allCases.map {
        .init(kind: $0, opened: opened[$0.rawValue].value, open: open[$0.rawValue].value)
      }, refusals: Refusal.allCases.map { .init(reason: $0, count: refused[$0.rawValue].value) })
  }

  /// Whether somebody has a request or connection open.
  var isInUse: Bool { inFlight.value > 0 || Connection.allCases.contains { open[$0.rawValue].value > 0 } }
}

/// The numbers of a ``RouteTraffic`` at one moment.
package struct TrafficTotals: Hashable, Sendable {
  package struct Connections: Hashable, Sendable {
    package var kind: RouteTraffic.Connection
    /// Since the start, and now.
    package var opened: Int
    package var open: Int
  }

  package struct Refusals: Hashable, Sendable {
    package var reason: RouteTraffic.Refusal
    package var count: Int
  }

  /// By the first digit of the status, from 1 to 5; at 0 those of clients that went before they were answered.
  package var requests: [Int]
  package var durations: DurationTotals
  package var inFlight: Int
  /// Bytes from clients, and to them.
  package var received: Int
  package var sent: Int
  package var connections: [Connections]
  package var refusals: [Refusals]
}
