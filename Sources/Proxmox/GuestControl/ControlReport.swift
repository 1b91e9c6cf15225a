package import FoundationEssentials
package import RouteModel

/// The state of a guest between stopped and ready, for answers, events and metrics.
package struct ControlReport: Hashable, Sendable {
  package var id: GuestID
  /// `stopped`, `starting`, `waiting`, `ready`, `stopping` or `failed`.
  package var state: String
  package var since: Date
  /// Why the guest failed, or a warning while it is up.
  package var cause: String?
  /// When the start is tried again; nil unless it failed.
  package var until: Date?
  /// Why the agent started the guest; nil if it was started otherwise, or does not run.
  package var startedBy: String?
  /// The last action of the agent, and its reason.
  package var last: GuestMachine.LastAction?
  /// The counts since the start of the agent.
  package var counts: ControlCounts

  package init(id: GuestID, state: String, since: Date, counts: ControlCounts) {
    (self.id, self.state, self.since, self.counts) = (id, state, since, counts)
  }
}

/// The numbers of actions on a guest since the start of the agent.
package struct ControlCounts: Hashable, Sendable {
  package var starts = 0
  package var stops = 0
  package var failures = 0
  package init() {}
}

extension ControlReport {
  init(_ machine: GuestMachine, _ counts: ControlCounts, at now: ContinuousClock.Instant, date: Date) {
    func calendar(_ instant: ContinuousClock.Instant) -> Date { date.addingTimeInterval((instant - now) / .seconds(1)) }
    self.init(id: machine.id, state: machine.phase.word, since: calendar(machine.phaseSince), counts: counts)
    (startedBy, last) = (machine.startedBy?.description, machine.last)
    switch machine.phase {
    case .failed(let failure, let end): (cause, until) = (failure.description, calendar(end))
    case .starting(.dependencies(let names)): cause = "it waits for \(names.joined(separator: ", "))"
    case .starting(.resting): cause = "it was stopped a moment ago, and rests before it is started again"
    case .starting(.wakingNode(let node)): cause = "node \(node) is being woken"
    default: cause = machine.remark
    }
  }
}
