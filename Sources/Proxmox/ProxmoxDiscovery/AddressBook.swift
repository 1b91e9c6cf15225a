import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// The addresses that are known, whenever they were read.
struct AddressBook: Sendable {
  /// A configuration is read again after so many reads that did without: cards can be plugged while a guest runs.
  static let readsPerConfiguration = 12

  struct Entry: Sendable {
    var addresses: [GuestAddress] = []
    /// Why the last read told nothing new.
    var error: String?
    /// The last read failed, so that the addresses may no longer hold.
    var isStale = false
    /// When the guest or its configuration last told of them; nil before a restart.
    var readAt: Date?
    var cards: GuestCards?
    /// Reads since the cards became known.
    var readsWithCards = 0

    /// Whether a snapshot shows the same of both.
    func looks(like other: Entry) -> Bool {
      addresses == other.addresses && error == other.error && isStale == other.isStale
    }
  }

  /// What a read changed, as far as anybody sees it.
  enum News: Sendable {
    case none
    /// How far the addresses can be relied upon, or why not.
    case state
    case addresses
  }

  private(set) var guests: [VMID: Entry] = [:]

  func addresses(of vmid: VMID) -> [GuestAddress] { guests[vmid]?.addresses ?? [] }

  /// What the guest's configuration told of its cards; nil where it should be read again.
  func cards(of vmid: VMID) -> GuestCards? {
    guests[vmid].flatMap { $0.readsWithCards < Self.readsPerConfiguration ? $0.cards : nil }
  }

  /// Takes what a guest's read found, and tells what that changed.
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
      // What it had while it ran may be another's by now; only its configuration holds on.
      entry.addresses.removeAll { $0.source != .config }
    }
    // Where a guest tells nothing now, what is known of it serves on.
    let isServed =
      [.complete, .withoutAddress].contains(reading.outcome) && entry.addresses.contains(where: \.isSignificant)
    entry.error = isServed ? nil : reading.shortfall?.text
    entry.isStale = reading.outcome == .failed || reading.outcome == .nodeUnreachable
    if !entry.isStale { entry.readAt = date }
    entry.readsWithCards = reading.cards == entry.cards ? entry.readsWithCards + 1 : 0
    entry.cards = reading.cards
    guests[guest.vmid] = entry
    if entry.addresses != before.addresses { return .addresses }
    return entry.looks(like: before) ? .none : .state
  }

  /// Takes over what was known before a restart.
  mutating func restore(_ addresses: [GuestAddress], of vmid: VMID) { guests[vmid] = Entry(addresses: addresses) }

  /// Forgets all guests but these.
  mutating func keep(only vmids: Set<VMID>) { guests = guests.filter { vmids.contains($0.key) } }
  mutating func forget(_ vmid: VMID) { guests[vmid] = nil }
}
