/// One right that the agent makes use of, by the version of PVE.
struct PrivilegeNeed: Hashable, Sendable {
  /// As PVE names it.
  var privilege: String
  /// Others that do as well.
  var alternatives: Set<String> = []
  var path: String
  /// What is missing without it.
  var loss: String
  /// What missing it means for the agent.
  var severity = Severity.warning
  /// Where it came from or went to with the versions; nil where it never did.
  var history: String?
  /// The role that brings it.
  var role = Grant.auditorRole

  func isMet(by privileges: Set<String>) -> Bool {
    privileges.contains(privilege) || !alternatives.isDisjoint(with: privileges)
  }

  /// What is missing if the privilege is granted on some paths below only; nil if nothing is to be granted there.
  var unseenElsewhere: String? {
    switch path {
    case "/vms": "other guests are not seen"
    case "/pool": "other pools are not shown"
    default: nil
    }
  }

  static let bridges = "/sdn/zones/localnetwork"
  /// All paths that any need names.
  static let paths = ["/", "/vms", bridges, "/pool"]

  /// - Parameter version: PVE's major version; nil where it is not known, which is taken for the newest.
  static func all(version: Int?) -> [PrivilegeNeed] {
    let version = version ?? 9
    var needs = [guests, nodes]
    // PVE 7 shows bridges to everybody.
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
    role: Grant.monitorRole)

  private static let pools = PrivilegeNeed(
    privilege: "Pool.Audit", path: "/pool", loss: "the pools of guests are not shown; nothing else is missing")
}
