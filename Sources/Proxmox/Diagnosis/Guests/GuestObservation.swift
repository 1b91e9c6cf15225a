import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel

/// The addresses of one guest, or why none are known.
struct GuestObservation: Sendable {
  enum Outcome: Hashable, Sendable {
    case addresses(GuestAddress.Source)
    case missing(AddressShortfall)
  }

  var vmid: VMID
  /// Nil if PVE does not know it.
  var name: String?
  var node: String
  var isQEMU: Bool
  /// Whether its node sends no data of it: status `unknown`, although the node is online.
  var isUnreported = false
  var isRunning = false
  /// What the guest and its configuration say; nil if it was not asked.
  var reading: AddressReading?
  var outcome: Outcome

  /// `901 vm-901 on pve1`.
  var label: String { "\(vmid)\(name.map { " \($0)" } ?? "") on \(node)" }
}

extension GuestObservation.Outcome {
  init(_ reading: AddressReading) {
    let found = ((reading.addresses ?? []) + reading.fallback).first(where: \.isSignificant)
    self = found.map { .addresses($0.source) } ?? .missing(reading.shortfall ?? .noAddress)
  }
}
