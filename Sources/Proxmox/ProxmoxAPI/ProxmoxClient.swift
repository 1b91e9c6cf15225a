package import HTTPTransport
import JSONDocument
package import PeerTrust
import PrintableText

/// PVE's REST API at one base URL: the calls for discovery and diagnosis, all of them read-only. Calls that change
/// something are in the extensions.
///
/// Any node answers for the whole cluster: calls about another node are forwarded to it, with a second hop. All calls
/// throw ``ProxmoxError`` and end at once when their task is cancelled.
package final class ProxmoxClient: Sendable {
  /// `https://10.0.0.11:8006`, without a slash at its end.
  package let endpoint: String
  let connection: APIConnection

  /// - Parameter secondFactor: asked for when PVE wants one at a login with a password; without it such a login fails.
  package init(
    endpoint: String, credentials: ProxmoxCredentials, trust: TrustPolicy, http: HTTPClient, timeout: Duration,
    secondFactor: SecondFactor? = nil
  ) {
    connection = APIConnection(
      endpoint: endpoint, credentials: credentials, trust: trust, http: http, timeout: timeout,
      secondFactor: secondFactor)
    self.endpoint = connection.endpoint
  }

  /// `GET /version`: of the answering node.
  package func version() async throws(ProxmoxError) -> APIVersion {
    try await connection.get("/version", as: APIVersion.init)
  }

  /// `GET /cluster/status`: needs Sys.Audit on `/`.
  package func clusterStatus() async throws(ProxmoxError) -> ClusterStatus {
    try await connection.get("/cluster/status", as: ClusterStatus.init)
  }

  /// `GET /cluster/resources`, without a type: nodes and guests in one call. Guests without VM.Audit are left out.
  package func resources() async throws(ProxmoxError) -> ClusterResources {
    let response = try await connection.send("/cluster/resources")
    let resources: ClusterResources
    do {
      resources = try ClusterResources(decoding: response.body)
    } catch {
      throw .malformed(response.complaint("\(error)"))
    }
    // Every caller can list the nodes.
    guard !resources.nodes.isEmpty else { throw .malformed(response.complaint("no node in the list")) }
    return resources
  }

  /// `GET /nodes`: the only source of the certificates' fingerprints.
  package func nodes() async throws(ProxmoxError) -> [NodeSummary] {
    try await connection.get("/nodes") { $0.array.map { $0.compactMap(NodeSummary.init) } }
  }

  /// `GET /nodes/{n}/network`: bridges are left out without SDN.Audit on `/sdn/zones/localnetwork`.
  package func network(node: String) async throws(ProxmoxError) -> [NodeInterface] {
    try await connection.get(node: node, "/network") { $0.array.map { $0.compactMap(NodeInterface.init) } }
  }

  /// `GET /nodes/{n}/lxc/{id}/config`: the values in force, not the pending ones.
  package func lxcConfig(node: String, vmid: Int) async throws(ProxmoxError) -> LXCConfig {
    try await connection.get(node: node, "/lxc/\(vmid)/config?current=1", as: LXCConfig.init)
  }

  /// `GET /nodes/{n}/lxc/{id}/interfaces`: nil if PVE answers null: the container is not running, or not on that node.
  package func lxcInterfaces(node: String, vmid: Int) async throws(ProxmoxError) -> [GuestInterface]? {
    try await connection.get(node: node, "/lxc/\(vmid)/interfaces") { data in
      if data == .null { return .some(nil) }
      return data.array.map { $0.compactMap(GuestInterface.init) }
    }
  }

  /// `GET /nodes/{n}/lxc/{id}/status/current`: live; the lists are up to ten seconds old.
  package func lxcStatus(node: String, vmid: Int) async throws(ProxmoxError) -> GuestState {
    try await connection.get(node: node, "/lxc/\(vmid)/status/current", as: GuestState.init)
  }

  /// `GET /nodes/{n}/qemu/{id}/agent/network-get-interfaces`. A silent agent blocks one of the node's three workers for
  /// 3 s, so make one call per node at a time.
  package func qemuAgentInterfaces(node: String, vmid: Int) async throws(ProxmoxError) -> [GuestInterface] {
    let result = try await connection.get(node: node, "/qemu/\(vmid)/agent/network-get-interfaces") { data in
      data["result"] == .null ? nil : data["result"]
    }
    if let error = result["error"].object {
      throw .agentRefused(PeerText.clean(error["desc"]?.string ?? "without a reason"))
    }
    guard let interfaces = result.array else { throw .malformed("the guest agent's answer holds no list") }
    return interfaces.compactMap(GuestInterface.init)
  }

  /// `GET /nodes/{n}/qemu/{id}/config`: the values in force.
  package func qemuConfig(node: String, vmid: Int) async throws(ProxmoxError) -> QEMUConfig {
    try await connection.get(node: node, "/qemu/\(vmid)/config?current=1", as: QEMUConfig.init)
  }

  /// `GET /nodes/{n}/lxc` and `/qemu`: live, including guests without data in `/cluster/resources`. Guests without
  /// VM.Audit are left out.
  package func guests(node: String) async throws(ProxmoxError) -> [NodeGuest] {
    let containers = try await connection.get(node: node, "/lxc") { $0.array.map { $0.compactMap(NodeGuest.init) } }
    let machines = try await connection.get(node: node, "/qemu") { $0.array.map { $0.compactMap(NodeGuest.init) } }
    return containers + machines
  }

  /// `GET /access/permissions`: the caller's own, or with Sys.Audit on `/access` those of others.
  ///
  /// - Parameters:
  ///   - user: `user@realm`, or a token's full name; nil for the caller.
  ///   - path: this path alone. The list of all paths lacks those without privileges.
  package func effectivePermissions(
    of user: String? = nil, on path: String? = nil
  ) async throws(ProxmoxError) -> EffectivePermissions {
    let parameters = [
      user.map { "userid=\(PercentCoding.encode($0))" }, path.map { "path=\(PercentCoding.encode($0))" },
    ]
    let query = parameters.compactMap(\.self).joined(separator: "&")
    return try await connection.get(
      "/access/permissions\(query.isEmpty ? "" : "?\(query)")", as: EffectivePermissions.init)
  }
}

/// `GET /version`.
package struct APIVersion: Hashable, Sendable {
  /// `9.2.11`.
  package var version: String

  init?(_ data: JSONValue) {
    guard let version = data["version"].nonEmptyString else { return nil }
    self.version = version
  }

  /// The first number: 8 for `8.4.1`; nil if there is none.
  package var major: Int? { version.split(separator: ".").first.flatMap { Int($0) } }
}
