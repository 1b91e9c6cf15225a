extension SimulatedCluster {
  /// The token of ``sample(nodes:guests:name:version:)``, with all read permissions.
  package static let sampleToken = SimulatedToken(
    id: "pvescout@pve!agent", secret: "11111111-2222-3333-4444-555555555555", permissions: .none)

  /// A cluster of any size, identical for equal parameters: nodes `pve1`… at 127.64.0.11…, guests from VMID 101 at
  /// 127.64.16.1…, every tenth a VM with an agent, every seventh stopped. Supports 200 nodes and 50,000 guests.
  package static func sample(
    nodes nodeCount: Int = 3, guests guestCount: Int = 20, name: String? = "home",
    version: PVEVersion = PVEVersion(9, 0, 10)
  ) -> SimulatedCluster {
    let nodes = (1...max(1, nodeCount)).map { number in
      SimulatedNode(name: "pve\(number)", address: "127.64.0.\(10 + number)")
    }
    var token = sampleToken
    token.permissions = .readsEverything(version)
    return SimulatedCluster(
      name: name, version: version, nodes: nodes,
      guests: (0..<max(0, guestCount)).map { sampleGuest($0, on: nodes[$0 % nodes.count].name) }, tokens: [token])
  }

  private static func sampleGuest(_ index: Int, on node: String) -> SimulatedGuest {
    let vmid = 101 + index
    let address = "127.64.\(16 + index / 250).\(1 + index % 250)"
    let name = "\(sampleNames[index % sampleNames.count])-\(vmid)"
    var guest: SimulatedGuest =
      index % 10 == 9
      ? .virtualMachine(vmid, name, on: node, address: address) : .container(vmid, name, on: node, address: address)
    if index % 7 == 6 {
      guest.status = "stopped"
      guest.startedAt = nil
    }
    return guest
  }

  private static let sampleNames = [
    "backup", "books", "cache", "chat", "feeds", "files", "git", "mail", "metrics", "music", "notes", "photos",
    "queue", "recipes", "search", "tasks", "wiki",
  ]
}
