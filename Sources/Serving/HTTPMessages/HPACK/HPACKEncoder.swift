import NIOCore

/// Encodes the field blocks of one direction of a connection (RFC 7541).
///
/// Fields are sent without Huffman coding. A field that is sent a second time is added to the dynamic table, and takes
/// a byte or two from then on.
struct HPACKEncoder: Sendable {
  private var table = HPACKTable(maxSize: HPACKDecoder.tableSize)
  private let known = HPACKStaticTable.shared
  /// Hashes of fields that were sent once, by their last bits.
  private var seenOnce: [UInt32] = []
  /// The smallest and the last of the table's new sizes, until the peer is informed of them (RFC 7541 §4.2).
  private var newSizes: (smallest: Int, last: Int)?

  /// The maximum number of bytes that precede a field's name and value, or all fields.
  static let fieldRoom = 12
  static let blockRoom = 96

  /// Applies the peer's limit for the dynamic table; a larger table than the initial one is not used.
  mutating func allow(tableSize: Int) {
    let size = min(tableSize, HPACKDecoder.tableSize)
    guard size != table.maxSize else { return }
    table.resize(to: size)
    newSizes = (smallest: min(newSizes?.smallest ?? size, size), last: size)
  }

  /// Call it before the first field of a block.
  mutating func begin(_ block: inout OutputRawSpan) {
    guard let (smallest, last) = newSizes.take() else { return }
    if smallest < last { block.append(number: smallest, mask: 0x1f, pattern: 0x20) }
    block.append(number: last, mask: 0x1f, pattern: 0x20)
  }

  func encode(status: UInt16, to block: inout OutputRawSpan) {
    if let index = Self.knownStatuses.firstIndex(of: status) { return block.append(0x88 + UInt8(index)) }
    block.append(0x08)
    block.append(3)
    for digit in [status / 100, status / 10 % 10, status % 10] { block.append(UInt8(0x30 + digit % 10)) }
  }

  private static let knownStatuses: [UInt16] = [200, 204, 206, 304, 400, 404, 500]

  /// - Parameter isRepeated: whether the field is likely to be sent again with the same value, and is not a secret that
  ///   could be guessed from a block's size (RFC 7541 §7.1).
  mutating func encode(
    name: Span<UInt8>, value: Span<UInt8>, isRepeated: Bool = true, to block: inout OutputRawSpan
  ) {
    let size = name.count + value.count + 32
    guard isRepeated, size <= table.maxSize / 4 else {
      return writeLiteral(name, value, pattern: 0, mask: 0x0f, to: &block)
    }
    let hash = value.hash(from: name.nameHash)
    if let index = table.index(ofName: name, value: value, hash: hash) {
      return block.append(number: HPACKStaticTable.count + 1 + index, mask: 0x7f, pattern: 0x80)
    }
    if seenOnce.isEmpty { seenOnce = [UInt32](repeating: 0, count: 64) }
    let slot = Int(hash & 63)
    guard seenOnce[slot] == hash else {
      seenOnce[slot] = hash
      return writeLiteral(name, value, pattern: 0, mask: 0x0f, to: &block)
    }
    writeLiteral(name, value, pattern: 0x40, mask: 0x3f, to: &block)
    var line = ByteBufferAllocator().buffer(capacity: size)
    line.writeWithOutputRawSpan(minimumWritableBytes: size) { out in
      out.append(lowercased: name)
      out.append(UInt8(ascii: ":"))
      out.append(UInt8(ascii: " "))
      out.append(value)
    }
    table.insert(
      line.readableBytesUInt8Span, nameLength: name.count, size: size, nameKind: .malformed, kind: .malformed,
      hash: hash)
  }

  private func writeLiteral(
    _ name: Span<UInt8>, _ value: Span<UInt8>, pattern: UInt8, mask: UInt8, to block: inout OutputRawSpan
  ) {
    let index = known.index(ofName: name)
    block.append(number: index, mask: mask, pattern: pattern)
    if index == 0 {
      block.append(number: name.count, mask: 0x7f, pattern: 0)
      block.append(lowercased: name)
    }
    block.append(number: value.count, mask: 0x7f, pattern: 0)
    block.append(value)
  }
}

extension OutputRawSpan {
  /// An integer with other bits in front of it (RFC 7541 §5.1).
  fileprivate mutating func append(number: Int, mask: UInt8, pattern: UInt8) {
    guard number >= Int(mask) else { return append(pattern | UInt8(number)) }
    append(pattern | mask)
    var rest = number - Int(mask)
    while rest >= 0x80 {
      append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  fileprivate mutating func append(lowercased name: Span<UInt8>) {
    for index in name.indices { append(name[index].lowercased) }
  }

  fileprivate mutating func append(_ bytes: Span<UInt8>) {
    var offset = 0
    while offset + 8 <= bytes.count {
      unsafe append(bytes.word(at: offset), as: UInt64.self)
      offset += 8
    }
    while offset < bytes.count {
      append(bytes[offset])
      offset += 1
    }
  }
}

// Sufficient to find one field among a hundred; fields with equal hashes are compared by their bytes.
extension Span<UInt8> {
  private static var factor: UInt64 { 0x9e37_79b9_7f4a_7c15 }

  /// The same for capitals and small letters.
  fileprivate var nameHash: UInt64 {
    var hash = UInt64(truncatingIfNeeded: count)
    for index in indices { hash = (hash ^ UInt64(self[index].lowercased)) &* Self.factor }
    return hash ^ hash >> 31
  }

  /// Never 0.
  fileprivate func hash(from start: UInt64) -> UInt32 {
    var (hash, offset) = (start ^ UInt64(truncatingIfNeeded: count) << 8, 0)
    while offset + 8 <= count {
      hash = (hash ^ word(at: offset)) &* Self.factor
      hash ^= hash >> 29
      offset += 8
    }
    while offset < count {
      hash = (hash ^ UInt64(self[offset])) &* Self.factor
      offset += 1
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32) | 1
  }
}
