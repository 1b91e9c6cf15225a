/// An explicit link, as declared in a route's `proxmox:`. It overrides the lookup and never falls back to it.
package struct ProxmoxReference: Hashable, Sendable {
  package enum Resource: Hashable, Sendable {
    case node(String)
    /// The node is only a hint, because guests move.
    case guest(VMID, nodeHint: String?)
  }

  package var resource: Resource
  /// Only needed if a node's name or a VMID exists in two clusters.
  package var cluster: ClusterName?

  package init(_ resource: Resource, cluster: ClusterName? = nil) {
    (self.resource, self.cluster) = (resource, cluster)
  }
}
