import ProxmoxAPI
import RouteModel

/// Judges the nodes of a cluster.
struct NodeCheck {
  private static let topic = "node"

  let nodes: [NodeObservation]
  let status: ClusterStatus?
  /// The endpoint through which the nodes were read.
  let endpoint: String

  var checks: [Finding] {
    let checks = nodes.map { ($0, check($0)) }
    let fine = checks.filter { $0.1 == nil }.map(\.0)
    return (fine.isEmpty ? [] : [summary(fine)]) + checks.compactMap(\.1) + quorum
  }

  private func summary(_ fine: [NodeObservation]) -> Finding {
    let names = fine.map { "\($0.name) \($0.addresses.first.map(\.description) ?? "")" }
    return .ok(Self.topic, "\(Wording.count(fine.count, "node")) online: \(Wording.list(names))")
  }

  /// Nil if nothing is wrong.
  private func check(_ node: NodeObservation) -> Finding? {
    switch node.status {
    case "offline": offline(node)
    case "online" where node.error != nil: unreachable(node)
    case "online": node.addresses.isEmpty ? addressless(node) : nil
    default: mute(node)
    }
  }

  private func offline(_ node: NodeObservation) -> Finding {
    Finding(
      Self.topic, .problem,
      "\(node.name) is offline\(place(node)): its guests cannot be read, and show as they last were",
      wanted: "a node that is online",
      remedies: [
        Remedy("on any other node, as root, see what the cluster knows of it", ["pvecm status"] + ping(node)),
        Remedy(
          "on \(node.name) itself, as root, see whether it still takes part",
          ["systemctl status pve-cluster corosync pveproxy"]),
      ])
  }

  private func place(_ node: NodeObservation) -> String { node.addresses.first.map { " (\($0))" } ?? "" }

  private func ping(_ node: NodeObservation) -> [String] {
    node.addresses.first.map { ["ping -c 3 \(ShellWord.quote($0.description))"] } ?? []
  }

  private func unreachable(_ node: NodeObservation) -> Finding {
    let reason = node.error.map(\.description) ?? ""
    guard case .nodeUnreachable = node.error else {
      return Finding(
        Self.topic, .warning, "\(node.name): its network cannot be read: \(reason)", wanted: "the node's addresses")
    }
    return Finding(
      Self.topic, .problem,
      "\(node.name) is online for the cluster, yet \(endpoint) does not reach it\(place(node)): \(reason)",
      wanted: "nodes that reach each other's port 8006, with the certificates that the cluster knows",
      remedies: [
        Remedy(
          "on the node behind \(endpoint), as root, see whether the other answers",
          ping(node) + ["curl -sk -o /dev/null -w '%{http_code}\\n' https://\(ShellWord.quote(node.name)):8006/"]),
        Remedy(
          "on \(node.name), as root, see whether its web service runs, and create its certificate again",
          ["systemctl status pveproxy pvedaemon", "pvecm updatecerts", "systemctl restart pveproxy"]),
      ])
  }

  private func addressless(_ node: NodeObservation) -> Finding {
    Finding(
      Self.topic, .warning, "\(node.name) is online, but PVE reports no address of it: routes to it have no target",
      wanted: "Sys.Audit on / for /cluster/status, and SDN.Audit on \(PrivilegeNeed.bridges) for its bridges")
  }

  private func mute(_ node: NodeObservation) -> Finding {
    Finding(
      Self.topic, .warning, "\(node.name) is \(node.status): PVE has no fresh data of it",
      wanted: "a node that reports every 10 s",
      remedies: [Remedy("on \(node.name), as root, start its reports again", ["systemctl restart pvestatd"])])
  }

  private var quorum: [Finding] {
    guard status?.isQuorate == false else { return [] }
    return [
      Finding(
        "quorum", .problem, "the cluster has no quorum: it can be read, but changes nothing and starts no guest",
        wanted: "more than half of the nodes online",
        remedies: [Remedy("on any node, as root, see which nodes are missing", ["pvecm status"])])
    ]
  }
}
