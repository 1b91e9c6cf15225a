/// The matches of names: an open-addressing table whose lookups allocate and copy nothing.
struct NameTable: Sendable {
  /// Three kinds of matches for a name, so that one probe answers for nodes and guests.
  struct Hits: BitwiseCopyable {
    var nodes = MatchList.none
    var guests = MatchList.none
    /// Guests with a full name that has this one as its first label.
    var guestsByFirstLabel = MatchList.none
  }

  /// The upper half of the hash, and the index of the record plus 1; 0 if the slot is free.
  private var slots: [UInt64]
  private var count = 0
  /// A record for each name, in one place, so that a lookup waits for memory once: its length and hits in two words,
  /// then the folded name.
  private var records: [UInt64] = []

  /// - Parameter names: how many names are expected.
  init(names: Int) {
    var capacity = 8
    while capacity < names * 2 { capacity *= 2 }
    slots = Array(repeating: 0, count: capacity)
  }

  /// The matches of a full name; nil if no resource has it.
  func hits(of name: Span<UInt8>, _ key: NameKey) -> Hits? { hits(name, hash: key.hash, length: key.length) }

  /// The matches of a name's first label as a name of its own.
  func hits(ofFirstLabelOf name: Span<UInt8>, _ key: NameKey) -> Hits? {
    hits(name, hash: key.labelHash, length: key.labelLength)
  }

  mutating func update(_ name: Span<UInt8>, _ key: NameKey, _ body: (inout Hits) -> Void) {
    update(record(for: name, hash: key.hash, length: key.length), body)
  }

  mutating func updateFirstLabel(of name: Span<UInt8>, _ key: NameKey, _ body: (inout Hits) -> Void) {
    update(record(for: name, hash: key.labelHash, length: key.labelLength), body)
  }

  private mutating func update(_ record: Int, _ body: (inout Hits) -> Void) {
    var hits = Self.hits(records.span, record)
    body(&hits)
    records[record] = UInt64(hits.guestsByFirstLabel.code) << 32 | records[record] & 0xffff_ffff
    records[record + 1] = UInt64(hits.guests.code) << 32 | UInt64(hits.nodes.code)
  }

  @inline(__always)
  private static func hits(_ records: Span<UInt64>, _ record: Int) -> Hits {
    let (first, second) = (records[record], records[record + 1])
    return Hits(
      nodes: MatchList(code: UInt32(truncatingIfNeeded: second)),
      guests: MatchList(code: UInt32(truncatingIfNeeded: second >> 32)),
      guestsByFirstLabel: MatchList(code: UInt32(truncatingIfNeeded: first >> 32)))
  }

  @inline(__always)
  private func hits(_ name: Span<UInt8>, hash: UInt64, length: Int) -> Hits? {
    let records = records.span
    return record(of: name, hash: hash, length: length, in: records).map { Self.hits(records, $0) }
  }

  @inline(__always)
  private func record(of name: Span<UInt8>, hash: UInt64, length: Int, in records: Span<UInt64>) -> Int? {
    let slots = slots.span
    let mask = slots.count &- 1
    var index = Int(truncatingIfNeeded: hash >> 32) & mask
    while true {
      // The mask keeps it in bounds.
      let slot = slots[unchecked: index]
      if slot == 0 { return nil }
      if slot >> 32 == hash >> 32 {
        let record = Int(slot & 0xffff_ffff) &- 1
        if Self.holds(records, record, name.bytes, length: length) { return record }
      }
      index = (index &+ 1) & mask
    }
  }

  @inline(__always)
  private static func holds(_ records: Span<UInt64>, _ record: Int, _ name: RawSpan, length: Int) -> Bool {
    guard records[record] & 0xffff_ffff == UInt64(truncatingIfNeeded: length) else { return false }
    var (word, offset) = (record + 2, 0)
    while offset < length {
      guard FoldedWord.fold(FoldedWord.read(name, at: offset, length: length)) == records[word] else { return false }
      word += 1
      offset += 8
    }
    return true
  }

  private mutating func record(for name: Span<UInt8>, hash: UInt64, length: Int) -> Int {
    if let known = record(of: name, hash: hash, length: length, in: records.span) { return known }
    if (count + 1) * 2 > slots.count { grow() }
    let record = records.count
    records += [UInt64(length), 0]
    for offset in stride(from: 0, to: length, by: 8) {
      records.append(FoldedWord.fold(FoldedWord.read(name.bytes, at: offset, length: length)))
    }
    insert(hash & ~0xffff_ffff | UInt64(record + 1))
    return record
  }

  private mutating func insert(_ slot: UInt64) {
    let mask = slots.count - 1
    var index = Int(slot >> 32) & mask
    while slots[index] != 0 { index = (index + 1) & mask }
    slots[index] = slot
    count += 1
  }

  private mutating func grow() {
    let old = slots
    (slots, count) = (Array(repeating: 0, count: 2 * old.count), 0)
    for slot in old where slot != 0 { insert(slot) }
  }
}
