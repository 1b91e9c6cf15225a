/// The state of a simulated cluster; the API answers from it.
package struct SimulatedCluster: Sendable {
  /// Nil for a standalone host.
  package var name: String?
  package var version: PVEVersion
  package var isQuorate = true
  package var nodes: [SimulatedNode]
  /// In PVE's order: by VMID *as a string*, so that 1001 precedes 101.
  package private(set) var guests: [SimulatedGuest] = []
  package var tokens: [SimulatedToken]
  package var users: [SimulatedUser] = []
  /// The privileges of roles that are not built into PVE.
  package internal(set) var roles: [String: Set<String>] = [:]
  /// How long a ticket is valid.
  package var ticketLifetime: Duration = .seconds(2 * 3600)
  /// By UPID.
  package internal(set) var tasks: [String: SimulatedTask] = [:]
  var taskCount = 0
  var pending: [PendingStatus] = []

  private var positions: [Int: Int] = [:]

  package init(
    name: String? = "home", version: PVEVersion = PVEVersion(9, 0, 10), nodes: [SimulatedNode],
    guests: [SimulatedGuest] = [], tokens: [SimulatedToken] = [], users: [SimulatedUser] = []
  ) {
    self.name = name
    self.version = version
    self.nodes = nodes
    self.tokens = tokens
    self.users = users
    add(guests)
  }

  package subscript(vmid: Int) -> SimulatedGuest? { positions[vmid].map { guests[$0] } }
  package func node(_ name: String) -> SimulatedNode? { nodes.first { $0.name == name } }
}

// Changes of a cluster. A guest or node that does not exist is ignored.
extension SimulatedCluster {
  package mutating func add(_ guest: SimulatedGuest) { add([guest]) }

  /// Adds guests; a guest with an existing VMID replaces it.
  package mutating func add(_ added: [SimulatedGuest]) {
    var byNumber: [Int: SimulatedGuest] = [:]
    for guest in guests + added { byNumber[guest.vmid] = guest }
    arrange(byNumber.map { (String($0.key), $0.value) }.sorted { $0.0 < $1.0 }.map(\.1))
  }

  package mutating func remove(_ vmid: Int) { arrange(guests.filter { $0.vmid != vmid }) }

  /// Changes a guest in place, except for its VMID.
  package mutating func change(_ vmid: Int, _ body: (inout SimulatedGuest) -> Void) {
    guard let position = positions[vmid] else { return }
    body(&guests[position])
    guests[position].vmid = vmid
  }

  package mutating func migrate(_ vmid: Int, to node: String) { change(vmid) { $0.node = node } }
  package mutating func rename(_ vmid: Int, to name: String?) { change(vmid) { $0.name = name } }

  package mutating func start(_ vmid: Int) {
    change(vmid) {
      $0.status = "running"
      $0.startedAt = .now
    }
  }

  package mutating func stop(_ vmid: Int) {
    change(vmid) {
      $0.status = "stopped"
      $0.startedAt = nil
    }
  }

  /// Replaces the addresses of the guest's first configured interface.
  package mutating func setAddress(_ vmid: Int, to address: String) {
    change(vmid) { guest in
      guard let index = guest.interfaces.firstIndex(where: { $0.configured != .absent }) else { return }
      let old = guest.interfaces[index]
      guest.interfaces[index] = SimulatedInterface(
        name: old.name, hardwareAddress: old.hardwareAddress, addresses: [address], configured: old.configured)
    }
  }

  package mutating func setNode(_ name: String, online: Bool) {
    guard let index = nodes.firstIndex(where: { $0.name == name }) else { return }
    nodes[index].isOnline = online
  }

  package mutating func setReporting(_ name: String, _ isReporting: Bool) {
    guard let index = nodes.firstIndex(where: { $0.name == name }) else { return }
    nodes[index].isReporting = isReporting
  }

  private mutating func arrange(_ sorted: [SimulatedGuest]) {
    guests = sorted
    positions = Dictionary(uniqueKeysWithValues: zip(sorted.map(\.vmid), sorted.indices))
  }
}
