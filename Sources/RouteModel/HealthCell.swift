import Synchronization

/// The place where a route's monitor leaves its last report, shared by all values of that route.
package final class HealthCell: Sendable {
  private let state: Mutex<HealthReport>

  package init(_ report: HealthReport) { state = Mutex(report) }

  package var report: HealthReport {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
