package import RouteModel
import Synchronization

/// The addresses that stream routes really listen on: updated by ``StreamProxy``, read for displaying routes.
package final class StreamListeners: Sendable {
  private let states = Mutex<[RouteID: ListenerState]>([:])

  package init() {}

  /// Nil for a route that does not listen, or is not served yet.
  package func state(of id: RouteID) -> ListenerState? { states.withLock { $0[id] } }

  /// The state of every route that listens, or should.
  package var all: [RouteID: ListenerState] { states.withLock { $0 } }

  func replace(_ new: [RouteID: ListenerState]) { states.withLock { $0 = new } }
}
