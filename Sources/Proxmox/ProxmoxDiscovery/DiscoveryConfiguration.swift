package import PeerTrust
package import ProxmoxAPI
package import RouteModel

/// One entry of `proxmox:`.
package struct ClusterConfiguration: Hashable, Sendable {
  package var name: ClusterName
  /// Base URLs such as `https://10.0.0.11:8006`, tried in order.
  package var endpoints: [String]
  package var credentials: ProxmoxCredentials
  /// Whether systemd has copied the secret when it started the agent (`LoadCredential=`), so that a new one needs a
  /// restart.
  package var isSecretCopiedAtStart = false
  package var trust: TrustPolicy
  package var preferences: AddressPreferences
  /// Whether guests may be started and stopped where a route asks for it.
  package var mayControlGuests = false
  /// Whether nodes may be woken for that.
  package var mayWakeNodes = false

  package init(
    name: ClusterName, endpoints: [String], credentials: ProxmoxCredentials, trust: TrustPolicy,
    preferences: AddressPreferences = AddressPreferences()
  ) {
    (self.name, self.endpoints, self.credentials, self.trust) = (name, endpoints, credentials, trust)
    self.preferences = preferences
  }

  /// Whether both reach the cluster in the same way, regardless of preferences.
  func isReached(as other: ClusterConfiguration) -> Bool {
    (endpoints, credentials, trust) == (other.endpoints, other.credentials, other.trust)
  }

  /// Whether both mean the same cluster: secrets, pins and endpoints may differ, as long as one endpoint is shared.
  func meansSameCluster(as other: ClusterConfiguration) -> Bool {
    name == other.name && !Set(endpoints).isDisjoint(with: other.endpoints)
  }
}

/// `discovery:`.
package struct DiscoveryConfiguration: Hashable, Sendable {
  package var interval: Duration = .seconds(10)
  package var addressRefresh: Duration = .seconds(300)
  package var requestTimeout: Duration = .seconds(30)
  /// How long a node's own list may delay the cluster's.
  package var nodeListTimeout: Duration = .seconds(5)
  /// Whether guests and nodes may have addresses in 127.0.0.0/8, for labs and tests.
  package var loopbackGuests = false
  package init() {}

  var claims: AddressClaims { AddressClaims(allowsLoopback: loopbackGuests) }
}
