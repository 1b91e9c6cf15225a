import NIOCore

/// An object with a deadline that ``Deadlines`` checks.
protocol DeadlineObserver: AnyObject {
  /// In the coarse time of ``Deadlines``; `.distantFuture` for no limit.
  var deadline: NIODeadline { get }
  func deadlinePassed()
}

/// The deadlines of one event loop, checked a few times a second. Setting a deadline is one store; a timer for each would
/// cost more than the exchange itself.
final class Deadlines {
  static let tickInterval = TimeAmount.milliseconds(250)

  /// The time of the last tick; at most one tick interval old. Stops while there is no observer.
  private(set) var now = NIODeadline.now()
  private var watched: [ObjectIdentifier: any DeadlineObserver] = [:]
  private var ticker: RepeatedTask?
  private let eventLoop: any EventLoop
  /// Called after each tick.
  var onTick: () -> Void = {}

  init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  var count: Int { watched.count }

  func watch(_ item: any DeadlineObserver) {
    watched[ObjectIdentifier(item)] = item
    guard ticker == nil else { return }
    now = .now()
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    ticker = eventLoop.scheduleRepeatedTask(initialDelay: Self.tickInterval, delay: Self.tickInterval) { _ in
      bound.value.tick()
    }
  }

  func forget(_ item: any DeadlineObserver) { watched[ObjectIdentifier(item)] = nil }

  private func tick() {
    now = .now()
    for item in Array(watched.values) where item.deadline <= now { item.deadlinePassed() }
    onTick()
    guard watched.isEmpty else { return }
    ticker?.cancel()
    ticker = nil
  }
}
