import ProxmoxAPI
import RouteModel

/// Whether the agent may start and stop the guests that its routes want started and stopped, and wake their nodes.
struct ControlCheck {
  let principal: Principal
  /// PVE's major version.
  let version: Int?
  let rights: Rights
  /// The privileges on each of those guests and nodes, by its path: `/vms/105`, `/nodes/pve1`.
  let granted: [String: Set<String>]

  /// Asks for the paths that exist; one without a role of its own is not listed otherwise.
  static func granted(
    on paths: [String], _ client: ProxmoxClient
  ) async throws(ProxmoxError) -> [String: Set<String>] {
    var granted: [String: Set<String>] = [:]
    for path in paths.prefix(100) {
      granted[path] = try await client.effectivePermissions(on: path).privileges(on: path)
    }
    return granted
  }

  var checks: [Finding] {
    let reading = (version ?? 9) >= 9 ? "VM.Audit VM.GuestAgent.Audit" : "VM.Audit VM.Monitor"
    return check(
      Need(
        privilege: "VM.PowerMgmt", folder: "/vms/", noun: "guest", role: GrantCommand.powerRole, reading: reading,
        use: "starts or stops", result: "routes start or stop", setting: "control: true", act: "start or stop"))
      + check(
        Need(
          privilege: "Sys.PowerMgmt", folder: "/nodes/", noun: "node", role: GrantCommand.wakingRole,
          reading: "Sys.Audit",
          use: "has woken", result: "is woken for routes", setting: "control: {nodes: true}", act: "wake"))
  }

  /// A privilege on every path of one kind.
  private struct Need {
    var privilege: String
    var folder: String
    var noun: String
    var role: String
    /// What the role repeats, because on a path of its own it replaces what is inherited.
    var reading: String
    var use: String
    var result: String
    var setting: String
    var act: String
  }

  private func check(_ need: Need) -> [Finding] {
    let granted = granted.filter { $0.key.hasPrefix(need.folder) }
    guard !granted.isEmpty else { return [] }
    let lacking = granted.filter { !$0.value.contains(need.privilege) }.keys.sorted {
      $0.compare(numerically: $1)
    }
    guard !lacking.isEmpty else {
      return [.ok(need.privilege, "granted on \(Wording.count(granted.count, need.noun)) that \(need.result)")]
    }
    let what = lacking.count == 1 ? "this \(need.noun)" : "these \(need.noun)s"
    return [
      Finding(
        need.privilege, .warning,
        "missing on \(Wording.list(lacking)): the entry says \(need.setting), and the agent cannot \(need.act) \(what)",
        wanted: "\(need.privilege) on each \(need.noun) that a route \(need.use)", remedies: [remedy(need, lacking)])
    ]
  }

  private func remedy(_ need: Need, _ paths: [String]) -> Remedy {
    let token = GrantPlan(principal: principal, rights: rights).separatedToken.map { [$0] } ?? []
    return Remedy(
      "on any node of the cluster, as root; whoever has the token can then \(need.act) them",
      ["pveum role add \(need.role) --privs '\(need.reading) \(need.privilege)'"]
        + paths.map { GrantCommand.line(role: need.role, on: $0, users: [principal.user], tokens: token) })
  }
}

extension String {
  /// `/vms/99` before `/vms/105`.
  fileprivate func compare(numerically other: String) -> Bool { (utf8.count, self) < (other.utf8.count, other) }
}
