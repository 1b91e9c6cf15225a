/// Counts the bytes of something that stays open, now and then: what came since it was counted last.
package struct TrafficMeter {
  private let traffic: RouteTraffic
  private var (received, sent) = (UInt64(0), UInt64(0))

  package init(_ traffic: RouteTraffic) { self.traffic = traffic }

  /// - Parameters: all bytes from the client so far, and to it.
  package mutating func count(received: UInt64, sent: UInt64) {
    traffic.transferred(received: Int(received - self.received), sent: Int(sent - self.sent))
    (self.received, self.sent) = (received, sent)
  }
}
