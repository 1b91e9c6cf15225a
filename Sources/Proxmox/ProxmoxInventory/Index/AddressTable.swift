import RouteModel

/// The matches of addresses: an open-addressing table with its entries in place.
struct AddressTable: Sendable {
  private struct Entry: BitwiseCopyable {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var matches = Matches()

    var isUsed: Bool { !(matches.nodes.isEmpty && matches.guests.isEmpty) }
  }

  private var entries: [Entry]

  /// - Parameter addresses: the maximum number of addresses.
  init(addresses: Int) {
    var capacity = 8
    while capacity < addresses * 2 { capacity *= 2 }
    entries = Array(repeating: Entry(), count: capacity)
  }

  func matches(_ address: IPAddress) -> Matches {
    let bits = address.bits
    return entries[place(bits.high, bits.low)].matches
  }

  /// - Parameter body: adds at least one match.
  mutating func update(_ address: IPAddress, _ body: (inout Matches) -> Void) {
    let bits = address.bits
    let place = place(bits.high, bits.low)
    (entries[place].high, entries[place].low) = (bits.high, bits.low)
    body(&entries[place].matches)
  }

  mutating func updateAll(_ body: (inout Matches) -> Void) {
    for place in entries.indices where entries[place].isUsed { body(&entries[place].matches) }
  }

  /// The slot of the address, or the free slot for it.
  private func place(_ high: UInt64, _ low: UInt64) -> Int {
    var hash = NameHash()
    hash.mix(high)
    hash.mix(low)
    let mask = entries.count &- 1
    var place = Int(truncatingIfNeeded: hash.finished(length: 16)) & mask
    while entries[place].isUsed, entries[place].low != low || entries[place].high != high { place = (place + 1) & mask }
    return place
  }
}
