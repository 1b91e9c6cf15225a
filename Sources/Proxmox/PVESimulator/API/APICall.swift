/// One call by somebody who is known, against the cluster as it is at that moment.
struct APICall {
  var request: APIRequest
  var cluster: SimulatedCluster
  var identity: Identity
  var fingerprint: String
  var now: ContinuousClock.Instant = .now

  /// Whether the caller has one of these privileges on one of these paths.
  func may(_ privileges: String..., on paths: String...) -> Bool {
    paths.contains { path in privileges.contains { identity.permissions.grants($0, on: path) } }
  }

  /// Checked before it is looked whether the thing exists, as PVE does it.
  func require(_ privileges: [String], on path: String) throws(Refusal) {
    guard privileges.contains(where: { identity.permissions.grants($0, on: path) }) else {
      throw .forbidden(path, privileges)
    }
  }

  /// The node that the call goes to, itself or through the one that the client is connected to.
  func target(_ name: String) throws(Refusal) -> SimulatedNode {
    guard let node = cluster.node(name) else {
      throw .failed(
        "hostname lookup '\(name)' failed - failed to get address info for: \(name): Name or service not known")
    }
    guard node.isOnline else { throw Refusal(status: 595, reason: "No route to host", body: .empty) }
    return node
  }

  /// The guest if it lives on that node: PVE looks for a configuration file there and nowhere else.
  func guest(_ vmid: Int, _ kind: SimulatedGuest.Kind, on node: SimulatedNode) -> SimulatedGuest? {
    guard let guest = cluster[vmid], guest.kind == kind, guest.node == node.name else { return nil }
    return guest
  }

  func guestOrRefusal(
    _ vmid: Int, _ kind: SimulatedGuest.Kind, on node: SimulatedNode
  ) throws(Refusal) -> SimulatedGuest {
    guard let guest = guest(vmid, kind, on: node) else {
      let file = SimulatedGuest(vmid: vmid, kind: kind, name: nil, node: node.name).configurationFile(on: node.name)
      throw .missingConfiguration(file)
    }
    return guest
  }
}
