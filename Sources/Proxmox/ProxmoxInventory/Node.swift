package import FoundationEssentials
package import PeerTrust
package import RouteModel

/// The freshness of an object.
package struct Freshness: Hashable, Sendable {
  /// When it was last read successfully.
  package var asOf: Date
  /// Whether the last read failed or is older than three intervals, or the object came from the cache.
  package var isStale: Bool
  /// Of the last read; nil if it succeeded.
  package var error: String?

  package init(asOf: Date, isStale: Bool = false, error: String? = nil) {
    (self.asOf, self.isStale, self.error) = (asOf, isStale, error)
  }
}

package struct Node: Hashable, Sendable {
  package var id: NodeID
  package var status: NodeStatus
  /// In the order of preference: of `/cluster/status` first.
  package var addresses: [IPAddress]
  /// Of the node's web certificate (`/nodes[].ssl_fingerprint`).
  package var sslFingerprint: CertificateFingerprint?
  /// Why addresses are missing, for people.
  package var notes: [String]
  package var freshness: Freshness

  package init(
    id: NodeID, status: NodeStatus, addresses: [IPAddress] = [], sslFingerprint: CertificateFingerprint? = nil,
    notes: [String] = [],
    freshness: Freshness
  ) {
    self.id = id
    self.status = status
    self.addresses = addresses
    self.sslFingerprint = sslFingerprint
    self.notes = notes
    self.freshness = freshness
  }
}
