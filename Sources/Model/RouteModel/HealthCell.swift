package import FoundationEssentials
import Synchronization

/// Holds a route's last health report and its history, written by its monitor and shared by all copies of the route.
package final class HealthCell: Sendable {
  private struct State {
    var report: HealthReport
    var history = HealthHistory()
  }

  private let state: Mutex<State>

  package init(_ report: HealthReport) { state = Mutex(State(report: report)) }

  package var status: HealthStatus { state.withLock { $0.report.status } }

  package var report: HealthReport {
    get { state.withLock { $0.report } }
    set { state.withLock { $0.report = newValue } }
  }

  /// What the report says in numbers; cheaper than the report.
  package func numbers(at now: CompactInstant) -> HealthNumbers { state.withLock { $0.report.numbers(at: now) } }

  package var history: HealthHistory {
    get { state.withLock { $0.history } }
    set { state.withLock { $0.history = newValue } }
  }

  /// Adds to the history in place, without copying it.
  package func record(_ body: (inout HealthHistory) -> Void) { state.withLock { body(&$0.history) } }

  package func summary(at date: Date) -> HealthHistory.Summary { state.withLock { $0.history.summary(at: date) } }
}
