import HTTPTransport
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// The clients of one cluster's endpoints: the configured ones and those that the cluster reported.
struct ClusterClients: Sendable {
  private let configuration: ClusterConfiguration
  private let timeout: Duration
  private let http: HTTPClient
  private var byEndpoint: [String: ProxmoxClient] = [:]
  private var byNode: [String: (client: ProxmoxClient, pin: CertificateFingerprint)] = [:]

  init(_ configuration: ClusterConfiguration, timeout: Duration, http: HTTPClient) {
    (self.configuration, self.timeout, self.http) = (configuration, timeout, http)
    for endpoint in configuration.endpoints { byEndpoint[endpoint] = client(endpoint, trust: configuration.trust) }
  }

  subscript(endpoint: String) -> ProxmoxClient? {
    byEndpoint[endpoint] ?? byNode.values.lazy.map(\.client).first { $0.endpoint == endpoint }
  }

  /// The endpoints that the cluster reported, in order of their nodes.
  var discovered: [String] { byNode.sorted { $0.key < $1.key }.map(\.value.client.endpoint) }

  /// Nil if the cluster has not reported the node's address and certificate.
  func ownClient(of node: String) -> ProxmoxClient? { byNode[node]?.client }

  /// Adds clients for the addresses of the nodes, pinned to the certificates that the cluster reported over a trusted
  /// connection. All nodes are assumed to use the port of the first configured endpoint.
  mutating func discover(_ builder: InventoryBuilder) {
    guard let port = configuration.endpoints.first?.split(separator: ":").last else { return }
    let known = byNode
    byNode = [:]
    for node in builder.resources.nodes where node.status != "offline" {
      guard let address = builder.facts.memberAddress(of: node.name, claims: builder.claims),
        let pin = builder.facts.fingerprints[node.name]
      else { continue }
      let host = address.family == .ipv6 ? "[\(address)]" : address.description
      let endpoint = "https://\(host):\(port)"
      // A client holds a login and connections: an unchanged one is kept.
      if let before = known[node.name], before.pin == pin, before.client.endpoint == endpoint {
        byNode[node.name] = before
      } else {
        byNode[node.name] = (configured(endpoint, of: pin) ?? client(endpoint, trust: .fingerprints([pin])), pin)
      }
    }
  }

  /// The configured client of the endpoint, if there is one; if `tls` pins certificates, the node's own is trusted as
  /// well.
  private mutating func configured(_ endpoint: String, of pin: CertificateFingerprint) -> ProxmoxClient? {
    guard let known = byEndpoint[endpoint] else { return nil }
    let trust = configuration.trust.trusting(pin)
    if trust != configuration.trust { byEndpoint[endpoint] = client(endpoint, trust: trust) }
    return byEndpoint[endpoint] ?? known
  }

  private func client(_ endpoint: String, trust: TrustPolicy) -> ProxmoxClient {
    ProxmoxClient(
      endpoint: endpoint, credentials: configuration.credentials, trust: trust, http: http, timeout: timeout)
  }
}
