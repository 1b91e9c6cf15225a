import RouteModel
import WakeOnDemand

/// The texts of the waiting page for the status of a guest.
struct WakeText {
  private let name: String
  private let subject: String

  init(_ route: Route) {
    name = route.alias.text
    subject = LinkDescription(route.link)?.guest ?? "its guest"
  }

  func title(_ status: GateStatus) -> String {
    status.phase == .failed ? "\(name) does not wake up" : "\(name) wakes up"
  }

  func text(_ status: GateStatus) -> String {
    switch status.phase {
    case .up: "\(subject) is up."
    case .checking, .stopped: "\(subject) sleeps and is being woken."
    case .starting: status.cause.map { "\(subject) is being started: \($0)." } ?? "\(subject) is being started."
    case .waiting: "\(subject) runs; its service is about to answer."
    case .stopping: "\(subject) is being shut down, and is started again after that."
    case .failed: "\(subject) could not be started: \(status.cause ?? "the reason is not known")."
    }
  }
}
