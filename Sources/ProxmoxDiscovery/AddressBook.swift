import ProxmoxInventory
import RouteModel

/// The addresses that are known, whenever they were read.
struct AddressBook: Sendable {
  struct Entry: Sendable {
    var addresses: [GuestAddress] = []
    /// Why the last read told nothing new.
    var error: String?
    /// The last read failed, so that the addresses may no longer hold.
    var isStale = false
  }

  private(set) var guests: [VMID: Entry] = [:]

  func addresses(of vmid: VMID) -> [GuestAddress] { guests[vmid]?.addresses ?? [] }

  mutating func record(_ reading: AddressReader.Reading, of guest: AddressPlan.GuestRead) {
    var entry = guests[guest.vmid] ?? Entry()
    if let addresses = reading.addresses {
      entry.addresses = GuestAddress.ranked(addresses)
    } else if !guest.isRunning, reading.outcome == .failed {
      // What it had while it ran may be another's by now; only its configuration holds on.
      entry.addresses.removeAll { $0.source != .config }
    }
    // Where a guest tells nothing now, what is known of it serves on.
    let isServed = reading.outcome == .withoutAddress && !entry.addresses.isEmpty
    entry.error = isServed ? nil : reading.error
    entry.isStale = reading.outcome == .failed || reading.outcome == .nodeUnreachable
    guests[guest.vmid] = entry
  }

  /// Forgets all guests but these.
  mutating func keep(only vmids: Set<VMID>) { guests = guests.filter { vmids.contains($0.key) } }
  mutating func forget(_ vmid: VMID) { guests[vmid] = nil }
}
