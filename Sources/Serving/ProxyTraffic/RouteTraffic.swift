import Synchronization

/// The traffic of one route since the agent started: counters that any thread increases without waiting.
///
/// It survives changes of the route, and a while without it; see ``TrafficBook``.
package final class RouteTraffic: Sendable {
  /// A long-lived connection of a route.
  package enum Connection: Int, Sendable, CaseIterable { case webSocket, tcp, udp }

  /// Why a connection or UDP session of a stream route ended before anything was relayed.
  package enum Refusal: Int, Sendable, CaseIterable {
    /// The route has no target, or only itself.
    case noTarget, loop
    /// The upstream was not reached, and its guest is stopped.
    case guestStopped
    case upstreamRefused, upstreamTimedOut
    /// The upstream was not reached for another reason.
    case upstreamUnreachable
    /// The route does not serve this client.
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

  /// Called once for each ``requestBegan()``, however it ended.
  ///
  /// - Parameters:
  ///   - status: of the answer; 0 if the client left before it.
  ///   - received: bytes of the request's body; `sent`: of the response's.
  ///   - microseconds: from the first byte of the request to the last one of the response.
  package func requestEnded(status: Int, received: Int, sent: Int, microseconds: Int64) {
    inFlight.add(-1)
    requests[(1...5).contains(status / 100) ? status / 100 : 0].add(1)
    durations.add(microseconds: microseconds)
    transferred(received: received, sent: sent)
  }

  /// Adds bytes of a tunnel or stream, from the client and to it.
  package func transferred(received: Int, sent: Int) {
    if received > 0 { self.received.add(received) }
    if sent > 0 { self.sent.add(sent) }
  }

  package func opened(_ connection: Connection) {
    opened[connection.rawValue].add(1)
    open[connection.rawValue].add(1)
  }

  /// Called once for each ``opened(_:)``.
  package func closed(_ connection: Connection) { open[connection.rawValue].add(-1) }

  /// A connection that was ``opened(_:)`` found no upstream.
  package func refused(_ refusal: Refusal) { refused[refusal.rawValue].add(1) }

  /// An approximate snapshot: the numbers are read one after the other.
  package var totals: TrafficTotals {
    TrafficTotals(
      requests: (0..<6).map { requests[$0].value }, durations: durations.totals, inFlight: inFlight.value,
      received: received.value, sent: sent.value,
      connections: Connection.allCases.map {
        .init(kind: $0, opened: opened[$0.rawValue].value, open: open[$0.rawValue].value)
      }, refusals: Refusal.allCases.map { .init(reason: $0, count: refused[$0.rawValue].value) })
  }

  /// Whether a request or connection is open.
  var isInUse: Bool { inFlight.value > 0 || Connection.allCases.contains { open[$0.rawValue].value > 0 } }
}

/// The numbers of a ``RouteTraffic`` at one moment.
package struct TrafficTotals: Hashable, Sendable {
  package struct Connections: Hashable, Sendable {
    package var kind: RouteTraffic.Connection
    /// The number opened since the start, and the number open now.
    package var opened: Int
    package var open: Int
  }

  package struct Refusals: Hashable, Sendable {
    package var reason: RouteTraffic.Refusal
    package var count: Int
  }

  /// By the first digit of the status, from 1 to 5; at 0 the requests whose clients left before the answer.
  package var requests: [Int]
  package var durations: DurationTotals
  package var inFlight: Int
  /// Bytes from clients, and to them.
  package var received: Int
  package var sent: Int
  package var connections: [Connections]
  package var refusals: [Refusals]
}

/// A number that several threads increase; relaxed, because nothing else depends on its value.
struct Counter: ~Copyable, Sendable {
  private let number = Atomic(0)

  func add(_ amount: Int) { number.add(amount, ordering: .relaxed) }
  var value: Int { number.load(ordering: .relaxed) }
}

func counters<let count: Int>() -> InlineArray<count, Counter> { InlineArray { _ in Counter() } }

/// Turns the running byte counts of a long-lived connection into increments for its route's counters.
package struct TrafficMeter {
  private let traffic: RouteTraffic
  private var (received, sent) = (UInt64(0), UInt64(0))

  package init(_ traffic: RouteTraffic) { self.traffic = traffic }

  /// - Parameters: the bytes so far, from the client and to it.
  package mutating func count(received: UInt64, sent: UInt64) {
    traffic.transferred(received: Int(received - self.received), sent: Int(sent - self.sent))
    (self.received, self.sent) = (received, sent)
  }
}
