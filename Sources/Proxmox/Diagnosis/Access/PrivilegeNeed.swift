/// A privilege that the agent uses, depending on the version of PVE.
struct PrivilegeNeed: Hashable, Sendable {
  /// The privilege's name in PVE.
  var privilege: String
  /// Privileges that serve as well.
  var alternatives: Set<String> = []
  var path: String
  /// The consequence of lacking the privilege.
  var loss: String
  /// How serious the lack is for the agent.
  var severity = Severity.warning
  /// How PVE versions differ about the privilege; nil if they do not.
  var history: String?
  /// The role that contains the privilege.
  var role = GrantCommand.auditorRole

  func isMet(by privileges: Set<String>) -> Bool {
    privileges.contains(privilege) || !alternatives.isDisjoint(with: privileges)
  }

  /// The consequence if the privilege is granted only on some deeper paths; nil if such grants do not exist.
  var unseenElsewhere: String? {
    switch path {
    case "/vms": "other guests are not seen"
    case "/pool": "other pools are not shown"
    default: nil
    }
  }

  static let bridges = "/sdn/zones/localnetwork"
  /// The paths of all needs.
  static let paths = ["/", "/vms", bridges, "/pool"]

  /// - Parameter version: PVE's major version; if nil, the newest version is assumed.
  static func all(version: Int?) -> [PrivilegeNeed] {
    let version = version ?? 9
    var needs = [guests, nodes]
    // PVE 7 shows bridges to every user.
    if version >= 8 { needs.append(bridgeAddresses) }
    needs.append(version >= 9 ? guestAgent : monitor)
    return needs + [pools]
  }

  private static let guests = PrivilegeNeed(
    privilege: "VM.Audit", path: "/vms",
    loss: "the list of guests is empty because it is forbidden; PVE answers with an empty list and no error",
    severity: .problem)

  private static let nodes = PrivilegeNeed(
    privilege: "Sys.Audit", path: "/",
    loss: "/cluster/status is forbidden, so the addresses of the nodes, their clocks and the quorum are not known")

  private static let bridgeAddresses = PrivilegeNeed(
    privilege: "SDN.Audit", alternatives: ["SDN.Use"], path: bridges,
    loss: "PVE leaves bridges such as vmbr0 out of a node's network, and the addresses of the node with them")

  private static let guestAgent = PrivilegeNeed(
    privilege: "VM.GuestAgent.Audit", alternatives: ["VM.GuestAgent.Unrestricted"], path: "/vms",
    loss: "guest agents may not be asked, so the addresses of VMs are not known",
    history: "PVE 9 took VM.Monitor away; roles that had it have lost it")

  private static let monitor = PrivilegeNeed(
    privilege: "VM.Monitor", path: "/vms",
    loss: "guest agents may not be asked, so the addresses of VMs are not known",
    history: "up to PVE 8 it is VM.Monitor, which PVEAuditor lacks; PVE 9 has VM.GuestAgent.Audit in its place",
    role: GrantCommand.monitorRole)

  private static let pools = PrivilegeNeed(
    privilege: "Pool.Audit", path: "/pool", loss: "the pools of guests are not shown; nothing else is missing")
}
