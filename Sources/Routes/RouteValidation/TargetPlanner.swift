import FoundationEssentials
import PeerTrust
import ProxmoxInventory
package import RouteModel

/// Fills in what a route leaves out, and never changes what it states.
struct TargetPlanner: Sendable {
  let inventory: InventorySnapshot
  let defaultHost: DefaultHost
  /// The `tls` of each cluster.
  let clusterTrust: [ClusterName: TrustPolicy]
  /// Folded names that do not exist according to the resolver.
  let missingNames: Set<String>

  /// The port of PVE's API (pveproxy).
  static let apiPort: UInt16 = 8006
  /// At most that many addresses are raced, because each costs a connection.
  static let maxCandidates = 8

  struct Result {
    var scheme: RouteScheme
    var plan: TargetPlan
    var trust: TrustPolicy
  }

  func plan(_ declaration: RouteDeclaration, _ finalized: FinalizedRoute, _ link: ProxmoxLink) -> Result {
    let (scheme, port) = endpoint(declaration, finalized, link)
    func upstream(_ host: String) -> Upstream { .network(scheme: scheme, host: host, port: port) }
    let (plan, first): (TargetPlan, String?)
    switch hosts(declaration, link) {
    case .none(let why): (plan, first) = (.none(why), nil)
    case .one(let host, _): (plan, first) = (.fixed(upstream(host)), host)
    case .several(let hosts, _):
      // Whether a UDP upstream is reachable cannot be tested.
      plan = scheme == .udp ? .fixed(upstream(hosts[0])) : .firstReachable(hosts.map(upstream))
      first = hosts[0]
    }
    return Result(scheme: scheme, plan: plan, trust: trust(declaration, link, host: first, port: port))
  }

  /// The steps that determined the port and the target, for people.
  func steps(_ declaration: RouteDeclaration, _ finalized: FinalizedRoute, _ link: ProxmoxLink) -> [LinkStep] {
    let source = hosts(declaration, link).source
    let target =
      switch plan(declaration, finalized, link).plan {
      case .none(let why): LinkStep(.target, .failed, why)
      case .fixed(let upstream): LinkStep(.target, .chosen, "\(upstream): \(text(of: source, declaration, link))")
      case .firstReachable(let upstreams):
        LinkStep(
          .target, .chosen,
          "the first that can be reached of \(upstreams.map(\.description).joined(separator: ", ")): "
            + text(of: source, declaration, link))
      }
    return [portStep(declaration, finalized, link), target].compactMap { $0 }
  }

  /// Whether a node-level route without host, scheme and port is for the node's own API.
  private func meansAPI(_ declaration: RouteDeclaration, _ link: ProxmoxLink) -> Bool {
    guard declaration.host == nil, declaration.scheme == nil, declaration.port == nil else { return false }
    guard case .linked(let resource) = link else { return false }
    return resource.guest == nil
  }

  /// Explains the source of a port that the route does not state.
  private func portStep(
    _ declaration: RouteDeclaration, _ finalized: FinalizedRoute, _ link: ProxmoxLink
  ) -> LinkStep? {
    guard declaration.port == nil else { return nil }
    let (scheme, port) = endpoint(declaration, finalized, link)
    let why =
      if meansAPI(declaration, link) {
        "a node's own API, as the route states neither host, scheme nor port"
      } else if finalized.hasUsualPort {
        "the usual port of '\(HostName.firstLabel(declaration.alias.folded))', as the route states none"
      } else {
        "the port of \(declaration.streamTLS == .passthrough ? "https" : scheme.rawValue), as the route states none"
      }
    return LinkStep(.port, .chosen, "\(port): \(why)")
  }

  private func endpoint(
    _ declaration: RouteDeclaration, _ finalized: FinalizedRoute, _ link: ProxmoxLink
  ) -> (RouteScheme, UInt16) {
    if meansAPI(declaration, link) {
      // Passed-through TLS is between the client and the API.
      return (declaration.streamTLS == .passthrough ? .tcp : .https, Self.apiPort)
    }
    return (finalized.scheme, finalized.port ?? 0)
  }

  /// A node's own API is verified as `tls` of its cluster says. If that pins certificates, the node's own, as reported
  /// by the cluster, is trusted as well.
  private func trust(
    _ declaration: RouteDeclaration, _ link: ProxmoxLink, host: String?, port: UInt16
  ) -> TrustPolicy {
    if let pins = declaration.tlsPins { return .fingerprints(pins) }
    if declaration.noTLSVerify { return .insecure }
    if let file = declaration.tlsCAFile { return .caFile(file) }
    if case .linked(let resource) = link, case .node(let id) = resource.identity,
      isOwnAPI(of: id, host: host, port: port)
    {
      return clusterTrust[id.cluster]?.trusting(inventory.node(id)?.sslFingerprint) ?? .systemRoots
    }
    return .systemRoots
  }

  /// Whether the node's own API answers there: at one of its addresses or its name, at port 8006 or that of the
  /// endpoint for its cluster.
  private func isOwnAPI(of id: NodeID, host: String?, port: UInt16) -> Bool {
    guard let host, let node = inventory.node(id) else { return false }
    let name = HostName.fold(host)
    let isNode =
      IPAddress(host).map(node.addresses.contains)
      ?? (HostName.firstLabel(name) == HostName.fold(id.name) || name == endpointHost(ofOnlyNode: id))
    let endpoint = inventory.cluster(id.cluster)?.endpoint
    return isNode && (port == Self.apiPort || endpoint?.hasSuffix(":\(port)") ?? false)
  }

  /// For a standalone host, the endpoint is the node itself; in a cluster it may be any node.
  func endpointHost(ofOnlyNode id: NodeID) -> String? {
    guard let cluster = inventory.cluster(id.cluster), cluster.nodes.count == 1 else { return nil }
    return cluster.endpoint.flatMap { URL(string: $0)?.host }
  }
}

/// The possible targets of a route.
package enum TargetPlan: Hashable, Sendable {
  case fixed(Upstream)
  /// In order of preference; the first reachable one is the target.
  case firstReachable([Upstream])
  /// No target, with the reason.
  case none(String)

  package var candidates: [Upstream] {
    switch self {
    case .fixed(let upstream): [upstream]
    case .firstReachable(let upstreams): upstreams
    case .none: []
    }
  }
}
