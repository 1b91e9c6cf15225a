import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// Fills what a route leaves absent, and never rewrites what it states.
struct TargetPlanner {
  let inventory: InventorySnapshot
  let finalized: FinalizedRoute
  let link: ProxmoxLink
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
    var step: LinkStep
  }

  private var declaration: RouteDeclaration { finalized.declaration }

  func plan() -> Result {
    let (scheme, port) = endpoint
    let (hosts, why) = hosts
    let upstreams = hosts.map { Upstream.network(scheme: scheme, host: $0, port: port) }
    guard let first = upstreams.first else {
      return Result(
        scheme: scheme, plan: .none(why), trust: trust(host: nil, port: port),
        step: LinkStep(.target, .failed, why))
    }
    let texts = upstreams.map(\.description).joined(separator: ", ")
    // A UDP upstream cannot be asked whether it is there.
    let isRace = upstreams.count > 1 && scheme != .udp
    return Result(
      scheme: scheme, plan: isRace ? .firstReachable(upstreams) : .fixed(first),
      trust: trust(host: hosts.first, port: port),
      step: LinkStep(
        .target, .chosen, isRace ? "the first that can be reached of \(texts): \(why)" : "\(first): \(why)"))
  }

  /// A node-level route that states neither host, scheme nor port means the node's own API.
  private var meansAPI: Bool {
    guard case .linked(let resource) = link else { return false }
    return resource.guest == nil && declaration.host == nil && declaration.scheme == nil && declaration.port == nil
  }

  /// Where a port comes from that the route does not state.
  var portStep: LinkStep? {
    guard declaration.port == nil else { return nil }
    let (scheme, port) = endpoint
    let why =
      if meansAPI {
        "a node's own API, as the route states neither host, scheme nor port"
      } else if finalized.hasUsualPort {
        "the usual port of '\(HostName.firstLabel(declaration.alias.folded))', as the route states none"
      } else {
        "the port of \(declaration.streamTLS == .passthrough ? "https" : scheme.rawValue), as the route states none"
      }
    return LinkStep(.port, .chosen, "\(port): \(why)")
  }

  private var endpoint: (RouteScheme, UInt16) {
    if meansAPI {
      // TLS that is passed through to the API stays the client's and the API's own.
      return (declaration.streamTLS == .passthrough ? .tcp : .https, Self.apiPort)
    }
    return (finalized.scheme, finalized.port ?? 0)
  }

  private var hosts: ([String], why: String) {
    if let host = declaration.host {
      return addressesOfGuest(named: host) ?? ([host], "the route states its host")
    }
    switch link {
    case .linked(let resource):
      if let id = resource.guest { return guestHosts(id, resource) }
      return nodeHosts(resource.node)
    case .ambiguous:
      return ([], "no target while the link is ambiguous")
    case .unlinked(let reason):
      return unlinkedHosts(reason)
    }
  }

  /// The addresses of the linked guest, if the stated host is its full name and no name that exists; else nil.
  private func addressesOfGuest(named host: String) -> ([String], why: String)? {
    guard !missingNames.isEmpty, let name = declaration.guestName(link), missingNames.contains(name),
      let resource = link.resource, let id = resource.guest
    else { return nil }
    let (addresses, why) = guestHosts(id, resource)
    return addresses.isEmpty ? nil : (addresses, "\(why), as the host '\(host)' is its name and does not resolve")
  }

  /// A route that states no host and matches nothing is this machine's only where nothing else can be meant.
  private func unlinkedHosts(_ reason: UnlinkedReason) -> ([String], why: String) {
    guard declaration.proxmox == nil else { return ([], "no target: \(reason.detail)") }
    switch reason.code {
    case .noMatch, .noCluster:
      guard !declaration.statesProxmox else {
        return ([], "no target: proxmox: says neither node nor vmid, and \(reason.detail): add one of them, or host:")
      }
      if reason.code == .noCluster {
        return (["localhost"], "the route states no host and no cluster is configured: this machine")
      }
      guard defaultHost == .localhost else { return ([], "no target: \(reason.detail)") }
      return (["localhost"], "the route states no host, nothing matches, and default_host is localhost: this machine")
    default: return ([], "no target: \(reason.detail)")
    }
  }

  private func nodeHosts(_ id: NodeID) -> ([String], why: String) {
    if let address = inventory.node(id)?.addresses.first { return (["\(address)"], "the address of node \(id.name)") }
    guard let host = endpointHost(ofOnlyNode: id) else {
      let notes = inventory.node(id)?.notes ?? []
      let why = notes.isEmpty ? "it was not read yet" : notes.joined(separator: "; ")
      return ([], "no address of node \(id.name) is known: \(why)")
    }
    return ([host], "the host by which node \(id.name) is asked")
  }

  /// Of a standalone host the endpoint names the node itself; in a cluster it may be any.
  private func endpointHost(ofOnlyNode id: NodeID) -> String? {
    guard let cluster = inventory.cluster(id.cluster), cluster.nodes.count == 1 else { return nil }
    return cluster.endpoint.flatMap { URL(string: $0)?.host }
  }

  private func guestHosts(_ id: GuestID, _ resource: LinkedResource) -> ([String], why: String) {
    // Of a stopped guest the inventory keeps the static ones, once its configuration was read.
    let guest = inventory.guest(id)
    let addresses = guest?.addresses.filter(\.isSignificant) ?? []
    guard !addresses.isEmpty else {
      return ([], "no address of \(resource.summary) is known\(reasonWithoutAddress(guest))")
    }
    var seen: Set<IPAddress> = []
    let hosts = addresses.map(\.address).filter { seen.insert($0).inserted }.prefix(Self.mostCandidates)
      .map(\.description)
    return (hosts, "\(hosts.count == 1 ? "the address" : "the addresses") of \(resource.summary)")
  }

  private func reasonWithoutAddress(_ guest: Guest?) -> String {
    if let error = guest?.freshness.error { return ": \(error)" }
    return guest?.status == .stopped ? ": it is stopped and has no static one" : " yet"
  }

  private func trust(host: String?, port: UInt16) -> UpstreamTrust {
    if let pins = declaration.tlsPins { return .pinned(pins) }
    if declaration.noTLSVerify { return .unverified }
    if let file = declaration.tlsCAFile { return .caFile(file) }
    if let resource = link.resource, resource.guest == nil, isOwnAPI(of: resource.node, host: host, port: port) {
      return .cluster(resource.cluster, pin: inventory.node(resource.node)?.sslFingerprint.flatMap(CertificatePin.init))
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
}
