import FoundationEssentials
import JSONDocument
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// A cluster's inventory in the cache. It contains no secrets.
struct SavedCluster: Codable, Sendable {
  struct Node: Codable, Sendable {
    var name: String
    var status: String?
  }

  struct Guest: Codable, Sendable {
    var vmid: VMID
    var isQEMU: Bool
    var node: String
    var name: String?
    var status: String?
    var isTemplate: Bool
    var tags: [String]
    var uptime: Int?
    var lock: String?
    var pool: String?
    var haState: String?
    var addresses: [Address]
  }

  struct Address: Codable, Sendable {
    var address: String
    var interface: String
    var source: String
    var card: Int?
  }

  /// The configured endpoints: a saved cluster is recognised by any of them.
  var endpoints: [String]
  var readAt: Date
  var endpoint: String?
  var nodes: SoundElements<Node>
  var guests: SoundElements<Guest>
  var facts: NodeFacts.Known

  /// Nil for a cluster that was never read.
  init?(_ builder: InventoryBuilder, endpoints: [String]) {
    guard let readAt = builder.readAt else { return nil }
    (self.endpoints, self.readAt, endpoint, facts) = (endpoints, readAt, builder.endpoint, builder.facts.known)
    nodes = SoundElements(builder.resources.nodes.map { Node(name: $0.name, status: $0.status) })
    guests = SoundElements(
      builder.resources.guests.map { Guest($0, addresses: builder.book.addresses(of: $0.vmid)) })
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    endpoints = try container.decode([String].self, forKey: .endpoints)
    readAt = try container.decode(Date.self, forKey: .readAt)
    endpoint = try container.decodeIfPresent(String.self, forKey: .endpoint)
    nodes = try container.decode(SoundElements<Node>.self, forKey: .nodes)
    guests = try container.decode(SoundElements<Guest>.self, forKey: .guests)
    do { facts = try container.decode(NodeFacts.Known.self, forKey: .facts) } catch {
      decoder.recordDamage()
      facts = NodeFacts.Known()
    }
  }

  /// The saved inventory. Its time is not in the future: the clock may have been ahead.
  func builder(name: ClusterName, now: Date = Date()) -> InventoryBuilder {
    var resources = ClusterResources()
    resources.nodes = nodes.elements.map { ClusterResources.Node(name: $0.name, status: $0.status) }
    resources.guests = guests.elements.map(\.row)
    let addresses = Dictionary(
      guests.elements.map { ($0.vmid, $0.addresses.compactMap(\.known)) }
    ) { first, _ in first }
    var builder = InventoryBuilder(name: name)
    builder.restore(
      resources, addresses: addresses, facts: NodeFacts(facts), from: endpoint, at: min(readAt, now))
    return builder
  }
}

extension SavedCluster.Guest {
  /// Has the same bounds as PVE's own list.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    vmid = try container.decode(VMID.self, forKey: .vmid)
    guard ClusterResources.Guest.vmids.contains(vmid) else {
      throw DecodingError.dataCorruptedError(forKey: .vmid, in: container, debugDescription: "no VMID")
    }
    isQEMU = try container.decode(Bool.self, forKey: .isQEMU)
    node = try container.decode(String.self, forKey: .node)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    status = try container.decodeIfPresent(String.self, forKey: .status)
    isTemplate = try container.decode(Bool.self, forKey: .isTemplate)
    tags = try container.decode([String].self, forKey: .tags)
    uptime = try container.decodeIfPresent(Int.self, forKey: .uptime).flatMap { JSONValue.int($0).seconds }
    lock = try container.decodeIfPresent(String.self, forKey: .lock)
    pool = try container.decodeIfPresent(String.self, forKey: .pool)
    haState = try container.decodeIfPresent(String.self, forKey: .haState)
    addresses = try container.decode(SoundElements<SavedCluster.Address>.self, forKey: .addresses).elements
  }

  fileprivate init(_ row: ClusterResources.Guest, addresses: [GuestAddress]) {
    self.init(
      vmid: row.vmid, isQEMU: row.isQEMU, node: row.node, name: row.name, status: row.status,
      isTemplate: row.isTemplate, tags: row.tags, uptime: row.uptime, lock: row.lock, pool: row.pool,
      haState: row.haState, addresses: addresses.map(SavedCluster.Address.init))
  }

  fileprivate var row: ClusterResources.Guest {
    ClusterResources.Guest(
      vmid: vmid, isQEMU: isQEMU, node: node, name: name, status: status, isTemplate: isTemplate, tags: tags,
      uptime: uptime, lock: lock, pool: pool, haState: haState)
  }
}

extension SavedCluster.Address {
  fileprivate init(_ known: GuestAddress) {
    self.init(
      address: known.address.description, interface: known.interface, source: known.source.rawValue, card: known.card)
  }

  fileprivate var known: GuestAddress? {
    guard let address = IPAddress(address), let source = GuestAddress.Source(rawValue: source) else { return nil }
    return GuestAddress(address, interface: interface, source: source, card: card)
  }
}
