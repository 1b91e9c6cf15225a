import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// All known guest addresses, with the results of the latest reads.
struct AddressBook: Sendable {
  /// The configuration is read again after this many address reads: network cards can be plugged in while a guest runs.
  static let readsPerConfiguration = 12

  struct Entry: Sendable {
    var addresses: [GuestAddress] = []
    /// Why the last read returned nothing new.
    var error: String?
    /// Whether the last read failed, so that the addresses may be outdated.
    var isStale = false
    /// When the guest or its configuration last reported the addresses; nil if they were restored after a restart.
    var readAt: Date?
    var cards: GuestCards?
    /// Address reads since the cards were read.
    var readsWithCards = 0

    /// Whether a snapshot shows both entries the same.
    func isShownSame(as other: Entry) -> Bool {
      addresses == other.addresses && error == other.error && isStale == other.isStale
    }
  }

  /// The visible effect of a read.
  enum News: Sendable {
    case none
    /// The freshness or the error changed.
    case state
    case addresses
  }

  private(set) var guests: [VMID: Entry] = [:]

  func addresses(of vmid: VMID) -> [GuestAddress] { guests[vmid]?.addresses ?? [] }

  /// The guest's network cards; nil if its configuration must be read again.
  func cards(of vmid: VMID) -> GuestCards? {
    guests[vmid].flatMap { $0.readsWithCards < Self.readsPerConfiguration ? $0.cards : nil }
  }

  /// Records the result of a guest's read, and returns what changed.
  @discardableResult
  mutating func record(
    _ reading: AddressReading, of guest: GuestRead,
    preference: AddressPreference = AddressPreference(), at date: Date = Date()
  ) -> News {
    let before = guests[guest.vmid] ?? Entry()
    var entry = before
    if let addresses = reading.addresses {
      entry.addresses = AddressRanking(preference).ranked(addresses)
    } else if !reading.fallback.isEmpty, entry.addresses.allSatisfy({ $0.source == .config }) {
      entry.addresses = AddressRanking(preference).ranked(reading.fallback)
    } else if !guest.isRunning, reading.outcome == .failed {
      // A stopped guest's former addresses may belong to another guest by now; only configured ones remain valid.
      entry.addresses.removeAll { $0.source != .config }
    }
    // If the guest reports nothing now, its known addresses remain in use.
    let isServed =
      [.complete, .withoutAddress].contains(reading.outcome) && entry.addresses.contains(where: \.isSignificant)
    entry.error = isServed ? nil : reading.shortfall?.text
    entry.isStale = reading.outcome == .failed || reading.outcome == .nodeUnreachable
    if !entry.isStale { entry.readAt = date }
    entry.readsWithCards = reading.cards == entry.cards ? entry.readsWithCards + 1 : 0
    entry.cards = reading.cards
    guests[guest.vmid] = entry
    if entry.addresses != before.addresses { return .addresses }
    return entry.isShownSame(as: before) ? .none : .state
  }

  /// Restores the addresses that were known before a restart.
  mutating func restore(_ addresses: [GuestAddress], of vmid: VMID) { guests[vmid] = Entry(addresses: addresses) }

  /// Forgets all guests except these.
  mutating func keep(only vmids: Set<VMID>) { guests = guests.filter { vmids.contains($0.key) } }
  mutating func forget(_ vmid: VMID) { guests[vmid] = nil }
}
