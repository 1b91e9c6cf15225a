import NIOCore

/// The open connections of the socket, all on its one event loop.
final class ControlConnections {
  let timeouts: ControlTimeouts
  let dispatcher: Dispatcher
  let requests: AsyncStream<ControlRequest>.Continuation
  private(set) var isDraining = false
  private let eventLoop: any EventLoop
  private var open: [ObjectIdentifier: ControlConnection] = [:]
  /// The next check for connections that take too long; nil while there are none.
  private var nextWatch: Scheduled<Void>?

  init(
    _ requests: AsyncStream<ControlRequest>.Continuation, dispatcher: Dispatcher, timeouts: ControlTimeouts,
    on eventLoop: any EventLoop
  ) {
    (self.requests, self.dispatcher, self.timeouts, self.eventLoop) = (requests, dispatcher, timeouts, eventLoop)
  }

  /// Returns false if the connection must be closed at once because the agent stops.
  func add(_ connection: ControlConnection) -> Bool {
    guard !isDraining else { return false }
    open[ObjectIdentifier(connection)] = connection
    if nextWatch == nil { watch() }
    return true
  }

  /// Checks the deadlines of all connections, as long as there are any, every fraction of the shortest time-out and at
  /// least once a second: they need not be exact.
  private func watch() {
    let shortest = min(timeouts.idle, timeouts.request, timeouts.write)
    let interval = TimeAmount(min(.seconds(1), max(.milliseconds(10), shortest / 8)))
    nextWatch = eventLoop.assumeIsolated().scheduleTask(in: interval) {
      let now = NIODeadline.now()
      for connection in self.open.values { connection.endIfOverdue(at: now) }
      if self.open.isEmpty { self.nextWatch = nil } else { self.watch() }
    }
  }

  /// A client that has just connected may be about to send its request.
  private static let minIdleTime = TimeAmount.seconds(1)

  /// Frees descriptors: closes the connections that have been idle longest.
  func makeRoom() {
    let latest = NIODeadline.now() - Self.minIdleTime
    let resting = open.values.compactMap { connection in
      connection.idleSince.flatMap { $0 <= latest ? ($0, connection) : nil }
    }
    let oldest = resting.sorted { $0.0 < $1.0 }.prefix(max(1, resting.count / 4))
    for (_, connection) in oldest { connection.close() }
  }

  func remove(_ connection: ControlConnection) {
    open[ObjectIdentifier(connection)] = nil
    if isDraining, open.isEmpty { requests.finish() }
  }

  /// Closes idle connections at once and the others behind their answers. After the grace, the rest is closed too,
  /// because a client that does not read would delay the stop for ever.
  func drain() {
    isDraining = true
    for connection in open.values { connection.drain() }
    if open.isEmpty { requests.finish() }
    eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeouts.grace)) { self.closeAll() }
  }

  private func closeAll() {
    for connection in open.values { connection.close() }
    requests.finish()
  }
}

/// A request that cannot be answered at once, with the writer for its answer.
struct ControlRequest: Sendable {
  let answer: @Sendable () async -> Response
  let writer: ResponseWriter
}

/// The time limits for a client of the socket.
package struct ControlTimeouts: Hashable, Sendable {
  /// Between two requests.
  package var idle = Duration.seconds(60)
  /// From a request's first byte to its last.
  package var request = Duration.seconds(30)
  /// For the client to read the last written part of an answer.
  package var write = Duration.seconds(60)
  /// For an answer in progress once the agent stops.
  package var grace = Duration.seconds(2)
  package init() {}
}
