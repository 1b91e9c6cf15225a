import NIOCore

/// What must not wait for ever.
protocol DeadlineObserver: AnyObject {
  /// In the worker's coarse time; `.distantFuture` while it may wait.
  var deadline: NIODeadline { get }
  func deadlinePassed()
}

/// The deadlines of one event loop, looked at a few times a second: setting one costs a store, where a timer for each would
/// cost more than the exchange that it guards.
final class Deadlines {
  static let tickInterval = TimeAmount.milliseconds(250)

  /// The time of the last look; at most a grain old.
  private(set) var now = NIODeadline.now()
  private var watched: [ObjectIdentifier: any DeadlineObserver] = [:]
  private var ticker: RepeatedTask?
  private let eventLoop: any EventLoop
  /// Called after each look.
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
