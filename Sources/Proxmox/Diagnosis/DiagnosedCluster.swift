import HTTPTransport
package import PeerTrust
package import ProxmoxAPI
package import ProxmoxDiscovery
package import ProxmoxInventory
package import RouteModel

/// One entry of `proxmox:` to diagnose.
package struct DiagnosedCluster: Sendable {
  package var name: ClusterName
  /// Base URLs such as `https://10.0.0.11:8006`, in the order in which the agent tries them.
  package var endpoints: [String]
  package var credentials: ProxmoxCredentials
  package var trust: TrustPolicy
  /// The timeout of each request.
  package var timeout: Duration
  /// The guests that the agent is to start and stop; nil if its entry does not allow that.
  package var controlledGuests: [VMID]?
  /// The guests whose nodes the agent is to wake.
  package var guestsOfWokenNodes: [VMID]
  package var preferences: AddressPreferences
  /// `discovery.loopback_guests`.
  package var allowsLoopback: Bool
  /// Of the listed guests, those whose addresses routes need.
  package var wantedGuests: @Sendable (ClusterSnapshot) -> Set<VMID>

  package init(
    _ cluster: ClusterConfiguration, _ discovery: DiscoveryConfiguration, controlledGuests: [VMID]? = nil,
    guestsOfWokenNodes: [VMID] = [], wantedGuests: @escaping @Sendable (ClusterSnapshot) -> Set<VMID> = { _ in [] }
  ) {
    name = cluster.name
    endpoints = cluster.endpoints
    credentials = cluster.credentials
    trust = cluster.trust
    timeout = discovery.requestTimeout
    preferences = cluster.preferences
    allowsLoopback = discovery.loopbackGuests
    self.wantedGuests = wantedGuests
    self.controlledGuests = controlledGuests
    self.guestsOfWokenNodes = guestsOfWokenNodes
  }

  func client(_ endpoint: String, http: HTTPClient) -> ProxmoxClient {
    ProxmoxClient(endpoint: endpoint, credentials: credentials, trust: trust, http: http, timeout: timeout)
  }
}

/// The host of an endpoint, for commands that are run on it or mention it.
struct EndpointHost {
  /// Without brackets.
  var host: String
  var port: String

  init(_ endpoint: String) {
    let authority = endpoint.drop { $0 != "/" }.drop { $0 == "/" }
    let colon = authority.lastIndex(of: ":") ?? authority.endIndex
    host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
    port = String(authority[colon...].dropFirst())
  }
}
