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
