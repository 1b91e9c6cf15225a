/// A host of the simulated cluster.
package struct SimulatedNode: Hashable, Sendable {
  package var name: String
  /// What `/cluster/status` tells; nil while the cluster has not heard of it.
  package var address: String?
  package var isOnline: Bool
  /// Bridges, ports and VLANs of `/etc/network/interfaces`. `vmbr0` with ``address`` need not be named.
  package var networks: [SimulatedNetwork]
  /// Whether its pvestatd sends what it knows: if not, its guests are `unknown` and nameless in lists of the cluster,
  /// while it answers for them itself.
  package var isReporting = true
  /// How far its clock is ahead of the true time, in seconds.
  package var clockOffset = 0

  package init(
    name: String, address: String? = nil, isOnline: Bool = true, networks: [SimulatedNetwork] = []
  ) {
    (self.name, self.address, self.isOnline, self.networks) = (name, address, isOnline, networks)
  }
}

/// One entry of `/nodes/{n}/network`.
package struct SimulatedNetwork: Hashable, Sendable {
  package var name: String
  /// `bridge`, `eth`, `bond`, `vlan`, …
  package var type: String
  /// With prefix length (`127.64.0.11/10`); nil for one without.
  package var address: String?
  package var address6: String?

  package init(name: String, type: String, address: String? = nil, address6: String? = nil) {
    (self.name, self.type, self.address, self.address6) = (name, type, address, address6)
  }
}
