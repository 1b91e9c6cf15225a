/// A long-running action of a node, such as the start or shutdown of a guest.
package struct SimulatedTask: Hashable, Sendable {
  package let upid: String
  package let node: String
  package let type: String
  package let vmid: Int
  /// The token or user that started it.
  package let owner: String
  /// Nil for a task that never ends.
  package let end: ContinuousClock.Instant?
  /// `OK`, or the text of an error.
  package let exitStatus: String

  func isRunning(at now: ContinuousClock.Instant) -> Bool { end.map { now < $0 } ?? true }
}

/// A future change of a guest's status.
struct PendingStatus: Hashable, Sendable {
  var vmid: Int
  var status: String
  var at: ContinuousClock.Instant
}

/// The timing and errors of a guest's starts and shutdowns.
package struct SimulatedPower: Hashable, Sendable {
  /// The duration of a start.
  package var startTime = Duration.zero
  /// The duration of a shutdown; nil for a guest that ignores it.
  package var shutdownTime: Duration? = .zero
  /// The error of the start: `startup for container '101' failed`.
  package var startError: String?
  /// The delay of the HA manager's actions.
  package var haDelay = Duration.zero
  package init() {}
}

extension SimulatedCluster {
  /// Begins a task that ends by itself; returns its UPID.
  mutating func begin(
    _ type: String, of guest: SimulatedGuest, for owner: String, taking time: Duration?,
    ending exitStatus: String = "OK",
    status: String? = nil, after delay: Duration = .zero, at now: ContinuousClock.Instant
  ) -> String {
    taskCount += 1
    let number = String(taskCount, radix: 16, uppercase: true)
    let processID = String(repeating: "0", count: max(0, 8 - number.utf8.count)) + number
    let upid = "UPID:\(guest.node):\(processID):00055983:6B0B2A5D:\(type):\(guest.vmid):\(owner):"
    tasks[upid] = SimulatedTask(
      upid: upid, node: guest.node, type: type, vmid: guest.vmid, owner: owner, end: time.map { now + $0 },
      exitStatus: exitStatus)
    if let status, let time { pending.append(PendingStatus(vmid: guest.vmid, status: status, at: now + time + delay)) }
    return upid
  }

  /// Applies the pending changes up to now.
  mutating func settle(at now: ContinuousClock.Instant) {
    guard pending.contains(where: { $0.at <= now }) else { return }
    let due = pending.filter { $0.at <= now }.sorted { $0.at < $1.at }
    pending.removeAll { $0.at <= now }
    for change in due {
      if change.status == "running" {
        start(change.vmid)
      } else {
        self.change(change.vmid) { $0.halt(as: change.status) }
      }
    }
  }
}

extension SimulatedGuest {
  fileprivate mutating func halt(as status: String) {
    self.status = status
    if status == "stopped" { startedAt = nil }
  }
}
