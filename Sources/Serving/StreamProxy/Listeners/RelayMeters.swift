import NIOCore
import ProxyTraffic
import Synchronization
import WakeOnDemand

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
  private let state: Mutex<(meter: TrafficMeter, total: UInt64)>
  private let gate: @Sendable () -> GuestGate?

  /// - Parameter gate: the gate of the guest behind the route by now: it may have had none when the relay began.
  init(
    _ received: (front: ByteCount, back: ByteCount), _ traffic: RouteTraffic,
    gate: @escaping @Sendable () -> GuestGate?
  ) {
    (self.received, self.gate) = (received, gate)
    state = Mutex((TrafficMeter(traffic), 0))
  }

  func count() {
    let (fromFront, fromBack) = (received.front.total, received.back.total)
    let hasMoved = state.withLock { state in
      state.meter.count(received: fromFront, sent: fromBack)
      defer { state.total = fromFront &+ fromBack }
      return state.total != fromFront &+ fromBack
    }
    if hasMoved { gate()?.recordUse(at: .now()) }
  }
}
