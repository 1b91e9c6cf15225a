/// The matches of names: an open-addressing table whose lookups allocate and copy nothing.
struct NameTable: Sendable {
  /// Three kinds of matches for a name, so that one probe answers for nodes and guests.
  struct Hits: BitwiseCopyable {
    var nodes = MatchList.none
    var guests = MatchList.none
    /// Guests with a full name that has this one as its first label.
    var guestsByFirstLabel = MatchList.none
  }

  private struct Entry: BitwiseCopyable {
    /// The offset of the folded name in `words`.
    var start: UInt32
    var length: UInt32
    var hits: Hits
  }

  /// The upper half of the hash, and the number of the entry plus 1; 0 if the slot is free.
  private var slots: [UInt64]
  private var entries: [Entry] = []
  private var words: [UInt64] = []

  /// - Parameter names: the maximum number of names.
  init(names: Int) {
    var capacity = 8
    while capacity < names * 2 { capacity *= 2 }
    slots = Array(repeating: 0, count: capacity)
    entries.reserveCapacity(names)
  }

  /// The matches of a full name; nil if no resource has it.
  func hits(of name: Span<UInt8>, _ key: NameKey) -> Hits? {
    entry(name, hash: key.hash, length: key.length).map { entries[$0].hits }
  }

  /// The matches of a name's first label as a name of its own.
  func hits(ofFirstLabelOf name: Span<UInt8>, _ key: NameKey) -> Hits? {
    entry(name, hash: key.labelHash, length: key.labelLength).map { entries[$0].hits }
  }

  mutating func update(_ name: Span<UInt8>, _ key: NameKey, _ body: (inout Hits) -> Void) {
    body(&entries[added(name, hash: key.hash, length: key.length)].hits)
  }

  mutating func updateFirstLabel(of name: Span<UInt8>, _ key: NameKey, _ body: (inout Hits) -> Void) {
    body(&entries[added(name, hash: key.labelHash, length: key.labelLength)].hits)
  }

  @inline(__always)
  private func entry(_ name: Span<UInt8>, hash: UInt64, length: Int) -> Int? {
    let (bytes, slots) = (name.bytes, slots.span)
    let mask = slots.count &- 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while true {
      // The mask keeps it in bounds.
      let slot = slots[unchecked: index]
      if slot == 0 { return nil }
      if slot >> 32 == hash >> 32 {
        let number = Int(slot & 0xffff_ffff) &- 1
        if holds(number, bytes, length: length) { return number }
      }
      index = (index &+ 1) & mask
    }
  }

  private func holds(_ number: Int, _ bytes: RawSpan, length: Int) -> Bool {
    guard entries[number].length == UInt32(truncatingIfNeeded: length) else { return false }
    var place = Int(entries[number].start)
    var offset = 0
    while offset < length {
      guard FoldedWord.fold(FoldedWord.read(bytes, at: offset, length: length)) == words[place] else { return false }
      place += 1
      offset += 8
    }
    return true
  }

  private mutating func added(_ name: Span<UInt8>, hash: UInt64, length: Int) -> Int {
    if let number = entry(name, hash: hash, length: length) { return number }
    let bytes = name.bytes
    entries.append(
      Entry(start: UInt32(words.count), length: UInt32(truncatingIfNeeded: length), hits: Hits()))
    for offset in stride(from: 0, to: length, by: 8) {
      words.append(FoldedWord.fold(FoldedWord.read(bytes, at: offset, length: length)))
    }
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] != 0 { index = (index &+ 1) & mask }
    slots[index] = (hash & ~0xffff_ffff) | UInt64(entries.count)
    return entries.count - 1
  }
}
