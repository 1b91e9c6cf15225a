package import RouteModel
import Synchronization

/// Where stream routes really listen: kept by ``StreamProxy``, read by whoever shows routes.
package final class StreamListeners: Sendable {
  private let states = Mutex<[RouteID: ListenerState]>([:])

  package init() {}

  /// Nil for a route that does not want to listen, or is not served yet.
  package func state(of id: RouteID) -> ListenerState? { states.withLock { $0[id] } }

  /// Of every route that wants to listen.
  package var all: [RouteID: ListenerState] { states.withLock { $0 } }

  func replace(_ new: [RouteID: ListenerState]) { states.withLock { $0 = new } }
}
