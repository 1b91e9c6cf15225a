import PVESimulator

/// The nodes and guests of the demo's cluster, and their services.
struct DemoScenario: Sendable {
  /// A real listener on the address of a guest or node.
  struct Service: Hashable, Sendable {
    enum Kind: Sendable { case http, tcp }

    var name: String
    /// The addresses it listens on, all with the same port.
    var addresses: [String]
    /// The usual port of such software; used if it is free.
    var usualPort: Int
    var kind = Kind.http
  }

  static let clusterName = "home"
  static let minNodes = 3
  static let maxNodes = 200
  static let minGuests = 9
  static let maxGuests = 5000

  /// This service's port is reserved, so that nothing else on this machine answers there, but it does not listen.
  static let stoppedService = "nextcloud"

  let block: DemoBlock
  let nodeCount: Int
  let guestCount: Int

  /// Raises the counts to the minimum that the story needs.
  init(block: DemoBlock, nodes: Int, guests: Int) {
    self.block = block
    nodeCount = max(nodes, Self.minNodes)
    guestCount = max(guests, Self.minGuests)
  }

  var cluster: SimulatedCluster {
    var token = SimulatedCluster.sampleToken
    let version = PVEVersion(9, 0, 10)
    token.permissions = .readsEverything(version)
    return SimulatedCluster(
      name: Self.clusterName, version: version, nodes: (1...nodeCount).map(node), guests: namedGuests + extraGuests,
      tokens: [token])
  }

  private func node(_ number: Int) -> SimulatedNode {
    let address =
      number <= Self.minNodes ? block.address(10 + number) : block.extraAddress(7999 - number)
    return SimulatedNode(name: "pve\(number)", address: address)
  }

  private var namedGuests: [SimulatedGuest] {
    var nextcloud = SimulatedGuest.container(108, "nextcloud", on: "pve3", address: block.address(108))
    (nextcloud.status, nextcloud.startedAt) = ("stopped", nil)
    return [
      .container(101, "plex", on: "pve1", address: block.address(101)),
      .container(102, "grafana", on: "pve1", address: block.address(102)),
      .container(103, "vaultwarden", on: "pve2", address: block.address(103)),
      .container(104, "paperless", on: "pve2", address: block.address(104)),
      // Two running guests of the same name: a route called `web` could mean either.
      .container(105, "web", on: "pve1", address: block.address(105)),
      .container(106, "web", on: "pve3", address: block.address(106)),
      .container(107, "git", on: "pve3", address: block.address(107)),
      nextcloud,
      .virtualMachine(201, "home-assistant", on: "pve2", address: block.address(201)),
    ]
  }

  private var extraGuests: [SimulatedGuest] {
    (0..<guestCount - Self.minGuests).map { number in
      let node = "pve\(1 + number % nodeCount)"
      return .container(1001 + number, "guest-\(1001 + number)", on: node, address: block.extraAddress(number))
    }
  }

  /// The services that listen when the demo starts. `paperless` is reached by a name for localhost, so it listens there
  /// too.
  var services: [Service] {
    [
      Service(name: "plex", addresses: [block.address(101)], usualPort: 32400),
      Service(name: "grafana", addresses: [block.address(102)], usualPort: 3000),
      Service(name: "vaultwarden", addresses: [block.address(103)], usualPort: 8222),
      Service(name: "paperless", addresses: ["127.0.0.1", block.address(104)], usualPort: 0),
      Service(name: "git", addresses: [block.address(107)], usualPort: 2222, kind: .tcp),
      Service(name: "home-assistant", addresses: [block.address(201)], usualPort: 8123),
      Service(name: "backup", addresses: [block.address(12)], usualPort: 8007),
      Service(name: "metrics", addresses: [block.address(13)], usualPort: 9100),
      Service(name: Self.stoppedService, addresses: [block.address(108)], usualPort: 11000),
      Service(name: "nas", addresses: [block.address(250)], usualPort: 5000),
    ]
  }

  /// Aliases of routes that must be linked before the table has settled.
  static let linkedAliases: Set = [
    "plex", "grafana", "vaultwarden", "paperless", "ha", "git-ssh", "nextcloud", "pve1-ui", "backup", "pve3",
  ]
}

/// A block of 127.0.0.0/8 for one demo; the chance of a collision with another demo is one in 50,000.
struct DemoBlock: Hashable, Sendable {
  private let prefix: String
  private let third: Int

  /// 127.65.0.0 to 127.249.255.0: far from addresses that other software uses.
  static func random() -> DemoBlock {
    DemoBlock(second: Int.random(in: 65...249), third: Int.random(in: 0...223))
  }

  init(second: Int, third: Int) { (prefix, self.third) = ("127.\(second)", third) }

  /// The address of a named guest, node or service of the demo.
  func address(_ last: Int) -> String { "\(prefix).\(third).\(last)" }

  /// The address of an extra guest or node, numbered from 0 to 7999.
  func extraAddress(_ number: Int) -> String { "\(prefix).\(third + 1 + number / 250).\(1 + number % 250)" }
}
