package import NIOCore
import Synchronization

/// Limits the connections to upstreams that accept only a number of them (`max_conns_per_host`), for all event loops
/// and for all routes to the same host and port.
package final class ConnectionLimits: Sendable {
  package struct Place: Hashable, Sendable {
    let host: String
    let port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }
  }

  private struct Upstream {
    var queue = ConnectionQueue()
    /// Callbacks of the waiting connections and the idle ones.
    var calls: [ConnectionQueue.ID: @Sendable () -> Void] = [:]
  }

  private struct State {
    var lastID: ConnectionQueue.ID = 0
    var upstreams: [Place: Upstream] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Requests a connection; nil if too many requests wait already, or too many of the client.
  ///
  /// - Parameters:
  ///   - client: its address or network.
  ///   - onGrant: called on the event loop, later, unless the permit is granted at once.
  package func request(
    _ place: Place, limit: Int, client: String, on eventLoop: any EventLoop, onGrant: @escaping @Sendable () -> Void
  ) -> (permit: ConnectionPermit, isGranted: Bool)? {
    let (id, admission, yields) = state.withLock { state in
      state.lastID += 1
      let id = state.lastID
      var yields: [@Sendable () -> Void] = []
      let admission = state.upstreams[place, default: Upstream()].queue.request(id, limit: limit, client: client)
      if case .waits(let closing) = admission {
        state.upstreams[place]?.calls[id] = { eventLoop.execute(onGrant) }
        yields = closing.compactMap { state.upstreams[place]?.calls.removeValue(forKey: $0) }
      }
      return (id, admission, yields)
    }
    guard admission != .refused else { return nil }
    for yield in yields { yield() }
    return (ConnectionPermit(id, place, self), admission == .granted)
  }

  /// Whether an upstream has all its connections in use, so that another one would wait.
  package func isFull(_ place: Place) -> Bool { state.withLock { $0.upstreams[place]?.queue.isFull ?? false } }

  /// The number of upstreams with connections or a queue.
  package var count: Int { state.withLock { $0.upstreams.count } }

  fileprivate func markIdle(_ permit: ConnectionPermit, onYield: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      let mayStay = state.upstreams[permit.place]?.queue.markIdle(permit.id) ?? false
      if mayStay { state.upstreams[permit.place]?.calls[permit.id] = onYield }
      return mayStay
    }
  }

  fileprivate func resume(_ permit: ConnectionPermit) -> Bool {
    state.withLock { state in
      let mayServe = state.upstreams[permit.place]?.queue.resume(permit.id) ?? false
      if mayServe { state.upstreams[permit.place]?.calls[permit.id] = nil }
      return mayServe
    }
  }

  fileprivate func withdraw(_ permit: ConnectionPermit) -> Bool {
    change(permit) { $0.withdraw(permit.id) ? [] : nil }
  }

  fileprivate func end(_ permit: ConnectionPermit) {
    _ = change(permit) { $0.end(permit.id) }
  }

  /// Removes a place in a queue, and notifies the next ones.
  private func change(
    _ permit: ConnectionPermit, _ body: (inout ConnectionQueue) -> [ConnectionQueue.ID]?
  ) -> Bool {
    let grants: [@Sendable () -> Void]? = state.withLock { state in
      guard var upstream = state.upstreams.removeValue(forKey: permit.place) else { return nil }
      let admitted = body(&upstream.queue)
      if admitted != nil { upstream.calls[permit.id] = nil }
      let calls = admitted?.compactMap { upstream.calls.removeValue(forKey: $0) }
      if !upstream.queue.isEmpty { state.upstreams[permit.place] = upstream }
      return calls
    }
    for grant in grants ?? [] { grant() }
    return grants != nil
  }
}

/// The right to a connection to an upstream, or a place in the queue for it.
package final class ConnectionPermit: Sendable {
  fileprivate let id: ConnectionQueue.ID
  fileprivate let place: ConnectionLimits.Place
  private let limits: ConnectionLimits

  fileprivate init(_ id: ConnectionQueue.ID, _ place: ConnectionLimits.Place, _ limits: ConnectionLimits) {
    (self.id, self.place, self.limits) = (id, place, limits)
  }

  /// Marks the connection as idle; returns false if it must be closed instead.
  ///
  /// - Parameter onYield: called on any thread when another connection needs its place.
  package func markIdle(onYield: @escaping @Sendable () -> Void) -> Bool { limits.markIdle(self, onYield: onYield) }

  /// Marks the connection as in use again; returns false if it must be closed instead.
  package func resume() -> Bool { limits.resume(self) }

  /// Leaves the queue; returns false if it is not in the queue.
  package func withdraw() -> Bool { limits.withdraw(self) }

  /// Releases the connection after it was closed, or was not opened. No effect the second time.
  package func release() { limits.end(self) }
}
