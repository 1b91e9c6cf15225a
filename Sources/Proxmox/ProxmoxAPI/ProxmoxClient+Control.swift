import JSONDocument
import PrintableText

// Starts and stops of guests and nodes: the only calls that change anything. Each returns the task that performs it,
// and most errors are those of the task.
extension ProxmoxClient {
  /// `POST …/status/start`: needs VM.PowerMgmt on the guest.
  package func start(_ guest: GuestPlace) async throws(ProxmoxError) -> UPID { try await act(guest, "start") }

  /// `POST …/status/shutdown`: needs VM.PowerMgmt on the guest.
  ///
  /// - Parameters:
  ///   - timeout: in whole seconds; PVE's default would be minutes.
  ///   - force: whether the guest is stopped afterwards if it is still running.
  package func shutdown(_ guest: GuestPlace, timeout: Duration, force: Bool) async throws(ProxmoxError) -> UPID {
    let seconds = max(1, Int((timeout / .seconds(1)).rounded(.up)))
    return try await act(guest, "shutdown", [("timeout", "\(seconds)"), ("forceStop", force ? "1" : "0")])
  }

  /// `POST …/status/suspend` of a VM, in memory: needs VM.PowerMgmt.
  package func suspend(_ guest: GuestPlace) async throws(ProxmoxError) -> UPID { try await act(guest, "suspend") }

  /// `POST …/status/resume` of a VM: needs VM.PowerMgmt.
  package func resume(_ guest: GuestPlace) async throws(ProxmoxError) -> UPID { try await act(guest, "resume") }

  /// `POST /nodes/{n}/wakeonlan`, performed by another node: needs Sys.PowerMgmt on the node.
  package func wake(node: String) async throws(ProxmoxError) {
    _ = try await connection.post(node: node, "/wakeonlan") { $0 }
  }

  /// `GET /nodes/{n}/tasks/{upid}/status`: for a task of the same token, or with Sys.Audit on the node.
  package func state(of task: UPID) async throws(ProxmoxError) -> TaskState {
    try await connection.get(
      node: task.node, "/tasks/\(PercentCoding.encode(task.description))/status", as: TaskState.init)
  }

  /// `GET …/status/current`: live; the lists are up to ten seconds old.
  package func status(of guest: GuestPlace) async throws(ProxmoxError) -> GuestState {
    try await connection.get(node: guest.node, "\(guest.path)/current", as: GuestState.init)
  }

  /// `GET /cluster/resources`: the share of its processors that a guest uses, from 0 to 1, as pvestatd has measured it in
  /// its last ten seconds; nil if it has not.
  package func load(of vmid: Int) async throws(ProxmoxError) -> Double? {
    let rows = try await connection.get("/cluster/resources?type=vm") { $0.array }
    return rows.first { $0["vmid"].int(in: ClusterResources.Guest.vmids) == vmid }.flatMap { $0["cpu"].share }
  }

  private func act(
    _ guest: GuestPlace, _ action: String, _ fields: [(String, String)] = []
  ) async throws(ProxmoxError) -> UPID {
    try await connection.post(node: guest.node, "\(guest.path)/\(action)", fields) { $0.string.flatMap(UPID.init) }
  }
}

extension JSONValue {
  /// A fraction of at most a thousand: PVE's share of many processors may be above 1 for a moment.
  fileprivate var share: Double? {
    guard let value = string.flatMap(Double.init), value.isFinite, (0...1000).contains(value) else { return nil }
    return value
  }
}

/// The path parts for calls about a guest: PVE has different paths for LXC and VMs, and looks on one node only.
package struct GuestPlace: Hashable, Sendable {
  package var node: String
  package var vmid: Int
  package var isQEMU: Bool

  package init(node: String, vmid: Int, isQEMU: Bool) { (self.node, self.vmid, self.isQEMU) = (node, vmid, isQEMU) }

  /// Below `/nodes/{node}`.
  var path: String { "/\(isQEMU ? "qemu" : "lxc")/\(vmid)/status" }
}
