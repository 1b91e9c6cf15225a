/// A host of the simulated cluster.
package struct SimulatedNode: Hashable, Sendable {
  package var name: String
  /// The address in `/cluster/status`; nil until the cluster knows it.
  package var address: String?
  package var isOnline: Bool
  /// Bridges, ports and VLANs of `/etc/network/interfaces`. `vmbr0` with ``address`` is implied.
  package var networks: [SimulatedNetwork]
  /// Whether its pvestatd reports: otherwise, its guests are `unknown` and nameless in lists of the cluster, while the
  /// node itself still answers for them.
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
