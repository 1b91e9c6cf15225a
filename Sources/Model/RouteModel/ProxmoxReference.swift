/// An explicit link, as a route's `proxmox:` states it. It wins over the lookup and never falls back to it.
package struct ProxmoxReference: Hashable, Sendable {
  package enum Resource: Hashable, Sendable {
    case node(String)
    /// The node is a hint only: guests move.
    case guest(VMID, nodeHint: String?)
  }

  package var resource: Resource
  /// Needed only where a node's name or a VMID exists in two clusters.
  package var cluster: ClusterName?

  package init(_ resource: Resource, cluster: ClusterName? = nil) {
    (self.resource, self.cluster) = (resource, cluster)
  }
}
