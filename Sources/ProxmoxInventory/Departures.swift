package import RouteModel

/// Why guests are gone, for those that went last: in a cluster that churns for weeks it stays short.
package struct Departures: Hashable, Sendable {
  private static let limit = 256
  private var reasons: [VMID: String] = [:]
  private var order: [VMID] = []

  package init() {}

  /// A sentence for a person; nil for a guest that is here, or went long ago.
  package subscript(vmid: VMID) -> String? { reasons[vmid] }

  package mutating func note(_ vmid: VMID, because reason: String) {
    if reasons.updateValue(reason, forKey: vmid) == nil { order.append(vmid) }
    if order.count > Self.limit { reasons[order.removeFirst()] = nil }
  }

  /// The guest is here again.
  package mutating func forget(_ vmid: VMID) {
    if reasons.removeValue(forKey: vmid) != nil { order.removeAll { $0 == vmid } }
  }

  package var isEmpty: Bool { reasons.isEmpty }
}
