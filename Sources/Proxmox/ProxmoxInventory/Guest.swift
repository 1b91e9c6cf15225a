package import RouteModel

package struct Guest: Hashable, Sendable {
  package var id: GuestID
  package var type: GuestType
  /// The LXC hostname or the VM's label; nil while PVE does not know it.
  package var name: String?
  /// The node it lives on now.
  package var node: String
  package var status: GuestStatus
  package var isTemplate: Bool
  package var tags: [String]
  package var uptime: Duration?
  package var lock: String?
  package var pool: String?
  /// What the HA manager wants or does; nil for what it does not manage.
  package var haState: String?
  /// In the order of preference.
  package var addresses: [GuestAddress]
  package var freshness: Freshness

  package init(
    id: GuestID, type: GuestType, name: String?, node: String, status: GuestStatus, isTemplate: Bool = false,
    tags: [String] = [], uptime: Duration? = nil, lock: String? = nil, pool: String? = nil,
    haState: String? = nil, addresses: [GuestAddress] = [], freshness: Freshness
  ) {
    self.id = id
    self.type = type
    self.name = name
    self.node = node
    self.status = status
    self.isTemplate = isTemplate
    self.tags = tags
    self.uptime = uptime
    self.lock = lock
    self.pool = pool
    self.haState = haState
    self.addresses = addresses
    self.freshness = freshness
  }
}

extension Guest {
  /// Whether it runs, and has not for an hour.
  package var startedLately: Bool { status.isRunning && uptime.map { $0 < .seconds(3600) } ?? false }

  /// As a link names it.
  package var identity: LinkedResource.Identity { .guest(id, node: node, name: name, type: type, status: status) }
}

/// An address of a guest, and how it is known.
package struct GuestAddress: Hashable, Sendable {
  package enum Source: String, Sendable {
    /// LXC `interfaces`: what the container has now.
    case interfaces
    /// The QEMU guest agent: what the VM has now.
    case agent
    /// `netN` or `ipconfigN` of the configuration: static, so it holds while the guest is stopped too.
    case config
  }

  package var address: IPAddress
  /// The guest's name of the interface (`eth0`).
  package var interface: String
  package var source: Source
  /// The N of the `netN` that the interface is in the guest's configuration; nil where it is none or that is not known.
  package var card: Int?

  package init(_ address: IPAddress, interface: String, source: Source, card: Int? = nil) {
    (self.address, self.interface, self.source, self.card) = (address, interface, source, card)
  }

  /// Whether the address can name the guest: not on `lo`, `docker*`, `br-*` or `veth*`, and one that
  /// ``IPAddress/canNameAMachine``.
  package var isSignificant: Bool {
    !(interface == "lo" || interface.hasPrefix("docker") || interface.hasPrefix("br-")
      || interface.hasPrefix("veth")) && address.canNameAMachine
  }
}
