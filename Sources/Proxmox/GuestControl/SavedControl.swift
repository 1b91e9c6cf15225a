import FoundationEssentials
import ProxmoxAPI
import RouteModel

/// The state of a guest that is kept across restarts: whether the agent started it, its idle time, and a start in
/// progress.
struct SavedControl: Codable, Hashable, Sendable {
  struct Last: Codable, Hashable, Sendable {
    var kind: GuestMachine.LastAction.Kind
    var reason: String
    var failure: String?
  }

  var cluster: String
  var vmid: VMID
  var startedBy: String?
  var isHeld: Bool
  /// The idle time in seconds, without the time in which no agent ran.
  var idle: Double
  /// The starts of the last hour.
  var starts: [Date]
  var last: Last?
  /// The start task that was in progress.
  var task: String?

  var id: GuestID { GuestID(cluster: cluster, vmid: vmid) }

  init(_ machine: GuestMachine, at now: ContinuousClock.Instant, date: Date) {
    (cluster, vmid) = (machine.id.cluster, machine.id.vmid)
    (startedBy, isHeld) = (machine.startedBy?.description, machine.isHeld)
    idle = machine.phase.isUp ? max(0, (now - machine.lastActivity) / .seconds(1)) : 0
    starts = machine.starts.map { date.addingTimeInterval(($0 - now) / .seconds(1)) }
    last = machine.last.map { Last(kind: $0.kind, reason: $0.reason, failure: $0.failure) }
    if machine.phase.isOnItsWay { task = machine.startTask?.description }
  }

  var withoutClock: SavedControl {
    var copy = self
    copy.idle = 0
    return copy
  }

  /// Whether a guest that was idle for a minute or more has been used again: after a restart it must not count as idle.
  static func hasBeenUsed(_ saved: [SavedControl], since last: [SavedControl]) -> Bool {
    zip(saved, last).contains { $0.id == $1.id && $1.idle - $0.idle >= 60 }
  }

  var isWorthKeeping: Bool { startedBy != nil || isHeld || idle > 0 || !starts.isEmpty || last != nil }
}

extension GuestMachine {
  /// Restores the state from before a restart. The time in which no agent ran does not count as idle.
  mutating func restore(_ saved: SavedControl, at now: Instant, date: Date) {
    isHeld = saved.isHeld
    startedBy = saved.startedBy.map(ControlReason.earlier)
    last = saved.last.map { LastAction(kind: $0.kind, reason: $0.reason, failure: $0.failure) }
    starts = saved.starts.map { max(0, date.timeIntervalSince($0)) }.filter { $0 < 3600 }.sorted(by: >)
      .map { now - .seconds($0) }
    restoredIdle = .seconds(min(max(0, saved.idle), 31_536_000))
    guard let upid = saved.task.flatMap(UPID.init) else { return }
    (reason, phase, startTask) = (startedBy, .starting(.task(upid)), upid)
    wakeDeadline = now + (plan?.wakeTimeout ?? .seconds(180))
    listsLagUntil = now + timing.listLag
  }
}
