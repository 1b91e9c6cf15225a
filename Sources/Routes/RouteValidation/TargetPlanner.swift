import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// Fills what a route leaves absent, and never rewrites what it states.
struct TargetPlanner: Sendable {
  let inventory: InventorySnapshot
  let defaultHost: DefaultHost
  /// Names that the resolver says do not exist, folded.
  let missingNames: Set<String>

  /// The port of PVE's API (pveproxy).
  static let apiPort: UInt16 = 8006
  /// More addresses than that are not raced: each costs a connect.
  static let mostCandidates = 8

  struct Result {
    var scheme: RouteScheme
    var plan: TargetPlan
    var trust: UpstreamTrust
  }

  func plan(_ declaration: RouteDeclaration, _ finalized: FinalizedRoute, _ link: ProxmoxLink) -> Result {
    let (scheme, port) = endpoint(declaration, finalized, link)
    func upstream(_ host: String) -> Upstream { .network(scheme: scheme, host: host, port: port) }
    let (plan, first): (TargetPlan, String?)
    switch hosts(declaration, link) {
    case .none(let why): (plan, first) = (.none(why), nil)
    case .one(let host, _): (plan, first) = (.fixed(upstream(host)), host)
    case .several(let hosts, _):
      // A UDP upstream cannot be asked whether it is there.
      plan = scheme == .udp ? .fixed(upstream(hosts[0])) : .firstReachable(hosts.map(upstream))
      first = hosts[0]
    }
    return Result(scheme: scheme, plan: plan, trust: trust(declaration, link, host: first, port: port))
  }

  /// How the port and the target were decided, for a person.
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

  /// A node-level route that states neither host, scheme nor port means the node's own API.
  private func meansAPI(_ declaration: RouteDeclaration, _ link: ProxmoxLink) -> Bool {
    guard declaration.host == nil, declaration.scheme == nil, declaration.port == nil else { return false }
    guard case .linked(let resource) = link else { return false }
    return resource.guest == nil
  }

  /// Where a port comes from that the route does not state.
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
      // TLS that is passed through to the API stays the client's and the API's own.
      return (declaration.streamTLS == .passthrough ? .tcp : .https, Self.apiPort)
    }
    return (finalized.scheme, finalized.port ?? 0)
  }

  private func trust(
    _ declaration: RouteDeclaration, _ link: ProxmoxLink, host: String?, port: UInt16
  ) -> UpstreamTrust {
    if let pins = declaration.tlsPins { return .pinned(pins) }
    if declaration.noTLSVerify { return .unverified }
    if let file = declaration.tlsCAFile { return .caFile(file) }
    if case .linked(let resource) = link, case .node(let id) = resource.identity,
      isOwnAPI(of: id, host: host, port: port)
    {
      return .cluster(id.cluster, pin: inventory.node(id)?.sslFingerprint.flatMap(CertificatePin.init))
    }
    return .systemRoots
  }

  /// Whether that is where the node's own API answers: one of its addresses or its name, at 8006 or at the port of the
  /// endpoint by which its cluster is read.
  private func isOwnAPI(of id: NodeID, host: String?, port: UInt16) -> Bool {
    guard let host, let node = inventory.node(id) else { return false }
    let name = HostName.fold(host)
    let isNode =
      IPAddress(host).map(node.addresses.contains)
      ?? (HostName.firstLabel(name) == HostName.fold(id.name) || name == endpointHost(ofOnlyNode: id))
    let endpoint = inventory.cluster(id.cluster)?.endpoint
    return isNode && (port == Self.apiPort || endpoint?.hasSuffix(":\(port)") ?? false)
  }

  /// Of a standalone host the endpoint names the node itself; in a cluster it may be any.
  func endpointHost(ofOnlyNode id: NodeID) -> String? {
    guard let cluster = inventory.cluster(id.cluster), cluster.nodes.count == 1 else { return nil }
    return cluster.endpoint.flatMap { URL(string: $0)?.host }
  }
}
