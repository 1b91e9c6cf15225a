import ControlAPI
import GuestControl
import RouteModel

extension ControlJSON {
  init(_ report: ControlReport) {
    self.init(
      state: report.state, since: report.since, cause: report.cause, until: report.until, startedBy: report.startedBy)
  }
}

extension ControlReport {
  /// The last action of the agent on the guest, and the reason.
  var step: LinkStep {
    let now = "the guest is \(state)" + (cause.map { ": \($0)" } ?? "")
    guard let last else {
      return .init(.control, state == "failed" ? .failed : .info, "\(now); the agent has not started or stopped it")
    }
    let verb = last.kind == .start ? "started" : "stopped"
    let outcome =
      last.failure == nil
      ? "last \(verb) by \(last.reason)" : "last try: to \(last.kind.rawValue) it, by \(last.reason)"
    return .init(.control, state == "failed" ? .failed : .info, "\(now); \(outcome)")
  }
}
