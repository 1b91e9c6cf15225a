import ProxmoxAPI
import RouteModel

/// Whether the agent may start and stop the guests that its routes want started and stopped.
struct ControlExamination {
  static let privilege = "VM.PowerMgmt"

  let principal: Principal
  /// PVE's major version.
  let version: Int?
  let rights: Rights
  /// The privileges on each of those guests.
  let granted: [VMID: Set<String>]

  /// Asks for the guests that exist; one without a role of its own is not listed otherwise.
  static func granted(
    on guests: [VMID], _ client: ProxmoxClient
  ) async throws(ProxmoxError) -> [VMID: Set<String>] {
    var granted: [VMID: Set<String>] = [:]
    for vmid in guests.prefix(100) {
      let path = "/vms/\(vmid)"
      granted[vmid] = try await client.effectivePermissions(on: path).privileges(on: path)
    }
    return granted
  }

  var checks: [Finding] {
    guard !granted.isEmpty else { return [] }
    let lacking = granted.filter { !$0.value.contains(Self.privilege) }.keys.sorted()
    guard !lacking.isEmpty else {
      return [.ok(Self.privilege, "granted on \(Wording.count(granted.count, "guest")) that routes start or stop")]
    }
    return [
      Finding(
        Self.privilege, .warning,
        "missing on \(Wording.list(lacking.map { "/vms/\($0)" })): the entry says control: true, and the agent cannot "
          + "start or stop \(lacking.count == 1 ? "this guest" : "these guests")",
        wanted: "\(Self.privilege) on each guest that a route starts or stops", remedies: [remedy(lacking)])
    ]
  }

  private func remedy(_ guests: [VMID]) -> Remedy {
    let reading = (version ?? 9) >= 9 ? "VM.Audit VM.GuestAgent.Audit" : "VM.Audit VM.Monitor"
    let token = GrantPlan(principal: principal, rights: rights).separatedToken.map { [$0] } ?? []
    return Remedy(
      "on any node of the cluster, as root; whoever has the token can then start and stop these guests",
      ["pveum role add \(Grant.powerRole) --privs '\(reading) \(Self.privilege)'"]
        + guests.map {
          Grant.line(role: Grant.powerRole, on: "/vms/\($0)", users: [principal.user], tokens: token)
        })
  }
}
