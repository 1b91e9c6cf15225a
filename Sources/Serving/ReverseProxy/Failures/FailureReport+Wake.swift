import RouteModel
import WakeOnDemand

// Failures of guests that are started on demand.
extension FailureReport {
  static func asleep(_ reason: String, _ route: Route?, _ link: LinkDescription?) -> FailureReport {
    var report = FailureReport(
      "guest_asleep", 503, .service, "\(name(route)) sleeps",
      "\(link?.guest ?? "Its guest") is stopped until it is needed, and this request does not wake it: \(reason).",
      hint: "Open it in a browser, or ask for it with a GET.")
    report.retryAfter = 60
    return report
  }

  static func notWoken(_ status: GateStatus, _ route: Route?, _ link: LinkDescription?) -> FailureReport {
    let guest = link?.guest ?? "Its guest"
    let message =
      status.phase == .failed
      ? "\(guest) could not be started: \(status.cause ?? "the reason is not known")."
      : "\(guest) is on its way, and was not up in time."
    var report = FailureReport(
      status.phase == .failed ? "guest_not_started" : "guest_not_up_in_time", 503, .service,
      "\(name(route)) does not wake up", message, hint: "On the agent's machine, show the details with:")
    report.command = explain(route)
    report.retryAfter = status.retryAfter
    return report
  }
}
