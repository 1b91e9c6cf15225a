import AgentConfiguration
import HTTPTransport
import PeerTrust
import ProxmoxAPI
import RouteModel

/// What `setup` learns of a cluster before it changes anything.
struct ClusterFindings: Sendable {
  /// PVE's own, such as `9.0.10`.
  var version: String
  var majorVersion: Int
  /// A label for the cluster: its name, or that of the only node.
  var label: String
  /// The grants, as far as the login may see them.
  var acl: [ACLEntry]
  /// The host that was named first, then the other nodes that show the certificate they should.
  var endpoints: [String]
  /// The nodes behind these endpoints, by name.
  var nodes: [String]
  var pins: [ConfigurationDraft.Pin] = []
  /// Whether the cluster is a lab on this machine: only there do nodes have loopback addresses of their own.
  var isLab = false

  private static let maxEndpoints = 8

  /// - Parameter trust: how the first endpoint is verified.
  static func read(
    _ client: ProxmoxClient, at endpoint: Endpoint, trust: TrustPolicy, http: HTTPClient
  ) async throws(ProxmoxError) -> ClusterFindings {
    let version = try await client.version()
    let nodes = try await client.nodes()
    let status = try? await client.clusterStatus()
    let members = status?.members ?? []
    let local = members.first(where: \.isLocal)?.name ?? nodes.first?.name ?? "pve"
    var findings = ClusterFindings(
      version: version.version, majorVersion: version.major ?? 9, label: label(status?.clusterName ?? local),
      acl: try await client.accessControlList(), endpoints: [endpoint.url],
      nodes: [local].filter { (try? RouteAlias($0)) != nil })
    findings.isLab =
      endpoint.isLoopback && members.contains { $0.address.map { $0.hasPrefix("127.") && $0 != "127.0.0.1" } ?? false }
    if case .fingerprints(let pins) = trust {
      findings.pins = pins.map { ConfigurationDraft.Pin(fingerprint: $0, node: label(local)) }
    }
    for member in members.prefix(maxEndpoints) where !member.isLocal && member.isOnline != false {
      let pin = nodes.first { $0.name == member.name }?.sslFingerprint
      await findings.add(member, pin: pin, like: endpoint, trust: trust, http: http)
    }
    return findings
  }

  private mutating func add(
    _ member: ClusterStatus.Member, pin: CertificateFingerprint?, like endpoint: Endpoint, trust: TrustPolicy,
    http: HTTPClient
  ) async {
    guard let address = member.address, let other = try? Endpoint(host: Self.authority(address, endpoint.port)),
      !endpoints.contains(other.url)
    else { return }
    var own = trust
    if case .fingerprints = trust {
      guard let pin else { return }
      own = .fingerprints([pin])
    }
    let greeting = try? await ServerGreeting.of(
      other.url, trust: own, http: http, timeout: .seconds(3), hiding: .password(username: "", password: ""))
    guard greeting != nil else { return }
    endpoints.append(other.url)
    if (try? RouteAlias(member.name)) != nil { nodes.append(member.name) }
    if case .fingerprints = trust, let pin, !pins.contains(where: { $0.fingerprint == pin }) {
      pins.append(ConfigurationDraft.Pin(fingerprint: pin, node: Self.label(member.name)))
    }
  }

  private static func authority(_ address: String, _ port: Substring) -> String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  /// In the form of an entry's `name`.
  private static func label(_ name: String) -> String {
    let label = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }.prefix(63)
    return label.first.map { $0.isLetter || $0.isNumber } == true ? String(label) : "home"
  }
}
