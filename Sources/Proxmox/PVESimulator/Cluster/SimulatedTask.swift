/// Something that a node does for a while: the start of a guest, its shutdown.
package struct SimulatedTask: Hashable, Sendable {
  package let upid: String
  package let node: String
  package let type: String
  package let vmid: Int
  /// The token or user whose task it is.
  package let owner: String
  /// Nil for one that never ends.
  package let end: ContinuousClock.Instant?
  /// `OK`, or the text of an error.
  package let exitStatus: String

  func isRunning(at now: ContinuousClock.Instant) -> Bool { end.map { now < $0 } ?? true }
}

/// What becomes of a guest at some time.
struct PendingStatus: Hashable, Sendable {
  var vmid: Int
  var status: String
  var at: ContinuousClock.Instant
}

/// How a guest behaves when it is started and stopped.
package struct SimulatedPower: Hashable, Sendable {
  /// What the start takes.
  package var startTime = Duration.zero
  /// What the shutdown takes; nil for a guest that ignores it.
  package var shutdownTime: Duration? = .zero
  /// What the start ends with in place of success: `startup for container '101' failed`.
  package var startError: String?
  /// How long the HA manager takes to do what it was asked for.
  package var haDelay = Duration.zero
  package init() {}
}

extension SimulatedCluster {
  /// Begins a task that ends by itself; gives its UPID.
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

  /// Lets come true what was begun, up to now.
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
