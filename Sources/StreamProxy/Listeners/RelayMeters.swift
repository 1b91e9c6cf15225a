import NIOCore
import ProxyTraffic

/// The relays that are open on each event loop, whose bytes are counted now and then: counting each read would cost more.
struct RelayMeters: Sendable {
  typealias Meters = [ObjectIdentifier: RelayMeter]

  private let meters: [ObjectIdentifier: NIOLoopBoundBox<Meters?>]

  init(_ group: any EventLoopGroup) {
    meters = Dictionary(
      group.makeIterator().map { (ObjectIdentifier($0), .makeEmptyBox(valueType: Meters.self, eventLoop: $0)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Called on the relay's event loop, as ``remove(_:on:)`` is.
  func add(_ meter: RelayMeter, on loop: any EventLoop) {
    guard let box = meters[ObjectIdentifier(loop)] else { return }
    if box.value == nil { box.value = [:] }
    box.value?[ObjectIdentifier(meter)] = meter
  }

  func remove(_ meter: RelayMeter, on loop: any EventLoop) {
    meters[ObjectIdentifier(loop)]?.value?[ObjectIdentifier(meter)] = nil
  }

  /// Counts what all have relayed; called from anywhere.
  func count() {
    for box in meters.values {
      box.eventLoop.execute { box.value?.values.forEach { $0.count() } }
    }
  }
}

/// The bytes of one relay.
final class RelayMeter {
  private let front: RelayHandler
  private let back: RelayHandler
  private var meter: TrafficMeter

  init(_ front: RelayHandler, _ back: RelayHandler, _ traffic: RouteTraffic) {
    (self.front, self.back, meter) = (front, back, TrafficMeter(traffic))
  }

  func count() { meter.count(received: front.received, sent: back.received) }
}
