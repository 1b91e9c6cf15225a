/// A container or virtual machine of the simulated cluster.
package struct SimulatedGuest: Hashable, Sendable {
  package enum Kind: String, Sendable { case lxc, qemu }

  /// The behaviour of a VM's guest agent.
  package enum Agent: Sendable {
    /// No `agent` in the configuration.
    case absent
    case running
    /// Configured, but nothing answers inside the VM.
    case silent
    /// It answers with a refusal: HTTP 200 with an error inside.
    case refusing
  }

  package var vmid: Int
  package var kind: Kind
  /// The hostname of a container, the label of a VM; nil without one.
  package var name: String?
  /// The node that it is on.
  package var node: String
  /// `running`, `stopped`; for a VM also `paused`, `io-error`, …; `unknown` while its node does not report.
  package var status: String
  package var interfaces: [SimulatedInterface]
  package var agent: Agent
  package var tags: [String]
  package var isTemplate: Bool
  package var lock: String?
  package var pool: String?
  /// Its state in the HA manager; nil if it is not managed.
  package var haState: String?
  /// Its notes, without the line feed that PVE appends.
  package var notes: String?
  /// Whether a container's configuration sets environment variables, so that auditors cannot read it.
  package var hasEnvironment = false
  package var power = SimulatedPower()
  /// Nil while it is not running.
  package var startedAt: ContinuousClock.Instant?

  package init(
    vmid: Int, kind: Kind = .lxc, name: String?, node: String, status: String = "running",
    interfaces: [SimulatedInterface] = [], agent: Agent = .absent, tags: [String] = [], isTemplate: Bool = false
  ) {
    self.vmid = vmid
    self.kind = kind
    self.name = name
    self.node = node
    self.status = status
    self.interfaces = interfaces
    self.agent = agent
    self.tags = tags
    self.isTemplate = isTemplate
    self.startedAt = status == "running" ? .now : nil
  }

  /// A running container with one address on `eth0`.
  package static func container(_ vmid: Int, _ name: String, on node: String, address: String) -> SimulatedGuest {
    SimulatedGuest(
      vmid: vmid, name: name, node: node,
      interfaces: [SimulatedInterface(hardwareAddress: hardwareAddress(vmid), addresses: [address])])
  }

  /// A running VM with one address on `ens18`, which its guest agent reports.
  package static func virtualMachine(_ vmid: Int, _ name: String, on node: String, address: String) -> SimulatedGuest {
    SimulatedGuest(
      vmid: vmid, kind: .qemu, name: name, node: node,
      interfaces: [
        SimulatedInterface(
          name: "ens18", hardwareAddress: hardwareAddress(vmid), addresses: [address], configured: .dhcp)
      ], agent: .running)
  }

  /// A MAC address in Proxmox's range, unique for the VMID.
  package static func hardwareAddress(_ vmid: Int) -> String {
    let octets = [vmid >> 16, vmid >> 8, vmid].map { octet in
      let hex = String(octet & 0xff, radix: 16)
      return hex.count < 2 ? "0" + hex : hex
    }
    return "bc:24:11:" + octets.joined(separator: ":")
  }

  /// `lxc/101`, its id in `/cluster/resources`.
  var resourceID: String { "\(kind.rawValue)/\(vmid)" }
  var isUp: Bool { status != "stopped" && status != "unknown" }

  /// The path of its configuration as PVE's errors name it.
  func configurationFile(on node: String) -> String {
    "nodes/\(node)/\(kind == .lxc ? "lxc" : "qemu-server")/\(vmid).conf"
  }

  func uptime(at now: ContinuousClock.Instant) -> Int {
    startedAt.map { max(1, Int(($0.duration(to: now)) / .seconds(1))) } ?? 0
  }
}
