/// One call with a known caller, on the state of the cluster at that moment.
struct APICall {
  var request: SimulatorRequest
  var cluster: SimulatedCluster
  var caller: Caller
  /// The fingerprint of a node's certificate.
  var fingerprint: (SimulatedNode) -> String?
  /// Changes the cluster itself.
  var updateCluster: (_ change: (inout SimulatedCluster) -> Void) -> Void = { _ in }
  var now: ContinuousClock.Instant = .now

  func update(_ change: (inout SimulatedCluster) -> Void) { updateCluster(change) }

  /// Whether the caller has one of these privileges on one of these paths.
  func may(_ privileges: String..., on paths: String...) -> Bool {
    paths.contains { path in
      let granted = self.privileges(of: caller.permissions, on: path)
      return privileges.contains { granted.contains($0) }
    }
  }

  /// The privileges on a path. A guest also has those granted on its pool, unless NoAccess denies them.
  func privileges(of permissions: Permissions, on path: String) -> Set<String> {
    let role = permissions.role(on: path)
    let own = role?.privileges ?? []
    guard role?.name != Permissions.Role.noAccess.name, let pool = pool(ofGuestOn: path) else { return own }
    return own.union(permissions.role(on: "/pool/\(pool)")?.privileges ?? [])
  }

  private func pool(ofGuestOn path: String) -> String? {
    guard path.hasPrefix("/vms/"), let vmid = Int(path.dropFirst(5)) else { return nil }
    return cluster[vmid]?.pool
  }

  /// Checked before the existence of the object, as PVE does.
  func require(_ privileges: [String], on path: String) throws(Refusal) {
    let granted = self.privileges(of: caller.permissions, on: path)
    guard privileges.contains(where: granted.contains) else {
      throw .forbidden(path, privileges)
    }
  }

  /// The node that the call is for; the connected node forwards it if necessary.
  func target(_ name: String) throws(Refusal) -> SimulatedNode {
    guard let node = cluster.node(name) else {
      throw .failed(
        "hostname lookup '\(name)' failed - failed to get address info for: \(name): Name or service not known")
    }
    guard node.isOnline else { throw Refusal(status: 595, reason: "No route to host", body: .empty) }
    return node
  }

  /// The guest if it is on that node: PVE only looks for a configuration file there.
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
