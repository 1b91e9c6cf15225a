import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// What is known of one guest's addresses, or why none is.
struct GuestSighting: Sendable {
  enum Outcome: Hashable, Sendable {
    case addresses(GuestAddress.Source)
    /// It does not run, and its configuration states no address.
    case stopped
    /// It runs, and no interface that could name it has an address.
    case withoutAddress
    /// The configuration says that the VM has no guest agent.
    case agentNotEnabled
    /// The agent is configured and does not answer.
    case agentSilent
    /// The agent answers and refuses.
    case agentRefused(String)
    /// A right is missing, to ask the agent or to read the guest at all.
    case forbidden
    /// Before PVE 8.1 nobody tells what a container got by DHCP.
    case predatesInterfaces
    /// Before pve-container 5.2.0 only its own node tells.
    case asksOwnNode
    case nodeOffline
    /// It was moved or removed meanwhile.
    case gone
    case failed(String)
  }

  var vmid: VMID
  /// Nil where PVE does not tell.
  var name: String?
  var node: String
  var isQEMU: Bool
  var outcome: Outcome

  /// `901 vm-901 on pve1`.
  var label: String { "\(vmid)\(name.map { " \($0)" } ?? "") on \(node)" }
}
