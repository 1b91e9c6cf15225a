package import RouteModel

package struct Guest: Hashable, Sendable {
  package var id: GuestID
  package var type: GuestType
  /// The LXC hostname or the VM's label; nil while PVE does not know it.
  package var name: String?
  /// The node that it is on.
  package var node: String
  package var status: GuestStatus
  package var isTemplate: Bool
  package var tags: [String]
  package var uptime: Duration?
  package var lock: String?
  package var pool: String?
  /// The state or request of the HA manager; nil if it is not managed.
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
  /// Whether it is running and started within the last hour.
  package var startedRecently: Bool { status.isRunning && uptime.map { $0 < .seconds(3600) } ?? false }

  /// Its identity in a link.
  package var identity: LinkedResource.Identity { .guest(id, node: node, name: name, type: type, status: status) }
}

/// An address of a guest, and its source.
package struct GuestAddress: Hashable, Sendable {
  package enum Source: String, Sendable {
    /// LXC `interfaces`: the container's actual addresses.
    case interfaces
    /// The QEMU guest agent: the VM's actual addresses.
    case agent
    /// `netN` or `ipconfigN` of the configuration: static, so it is also valid while the guest is stopped.
    case config
  }

  package var address: IPAddress
  /// The interface's name in the guest (`eth0`).
  package var interface: String
  package var source: Source
  /// The N of the interface's `netN` in the guest's configuration; nil if there is none or it is unknown.
  package var card: Int?

  package init(_ address: IPAddress, interface: String, source: Source, card: Int? = nil) {
    (self.address, self.interface, self.source, self.card) = (address, interface, source, card)
  }

  /// Whether the address can identify the guest: not on `lo`, `docker*`, `br-*` or `veth*`, and one that
  /// ``IPAddress/canNameAMachine``.
  package var isSignificant: Bool {
    !(interface == "lo" || interface.hasPrefix("docker") || interface.hasPrefix("br-")
      || interface.hasPrefix("veth")) && address.canNameAMachine
  }
}
