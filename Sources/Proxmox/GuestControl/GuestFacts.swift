package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel

/// The properties of a guest in the inventory that matter for starting and stopping it.
package struct GuestFacts: Hashable, Sendable {
  package var type: GuestType
  package var node: String
  package var status: GuestStatus
  package var isTemplate = false
  package var lock: String?
  package var isHAManaged = false
  package var nodeIsOffline = false

  package init(type: GuestType, node: String, status: GuestStatus) {
    (self.type, self.node, self.status) = (type, node, status)
  }

  package init(_ guest: Guest, node: NodeStatus?) {
    self.init(type: guest.type, node: guest.node, status: guest.status)
    (isTemplate, lock, isHAManaged) = (guest.isTemplate, guest.lock, guest.haState != nil)
    nodeIsOffline = node == .offline
  }

  package func place(_ vmid: VMID) -> GuestPlace { GuestPlace(node: node, vmid: vmid, isQEMU: type == .qemu) }

  /// QMP's words for a VM that exists and does not run on.
  var isPaused: Bool { ["paused", "suspended"].contains(status.text) }

  /// Whether it has stopped since an earlier reading.
  func isStopped(since earlier: GuestFacts?) -> Bool { status == .stopped && earlier?.status.isRunning == true }

  /// Why it may not be started or stopped; nil if it may.
  var obstacle: ControlFailure? {
    if isTemplate { return .template }
    switch lock {
    case nil, "mounted": return nil
    case "suspended": return .hibernated
    case let lock?: return .locked(lock)
    }
  }
}
