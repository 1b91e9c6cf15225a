import ProxyTraffic
import Synchronization

/// The open relays, whose bytes are added to their routes' counts periodically: counting each read would cost more.
final class RelayMeters: Sendable {
  private let meters = Mutex<[ObjectIdentifier: RelayMeter]>([:])

  func add(_ meter: RelayMeter) { meters.withLock { $0[ObjectIdentifier(meter)] = meter } }

  /// Counts the remaining bytes of the relay.
  func remove(_ meter: RelayMeter) {
    meters.withLock { $0[ObjectIdentifier(meter)] = nil }
    meter.count()
  }

  /// Counts the bytes of all relays.
  func count() {
    for meter in meters.withLock({ Array($0.values) }) { meter.count() }
  }
}

/// Adds the bytes of one relay to the counts of its route.
final class RelayMeter: Sendable {
  private let received: (front: ByteCount, back: ByteCount)
  private let meter: Mutex<TrafficMeter>

  init(_ received: (front: ByteCount, back: ByteCount), _ traffic: RouteTraffic) {
    self.received = received
    meter = Mutex(TrafficMeter(traffic))
  }

  func count() {
    meter.withLock { $0.count(received: received.front.total, sent: received.back.total) }
  }
}
