import NIOCore

/// Encodes the field blocks of one direction of a connection (RFC 7541).
///
/// Fields are sent as they are, without Huffman's code; one that is the same a second time is put into the dynamic table,
/// and costs one byte from then on.
struct HPACKEncoder: Sendable {
  private var table = HPACKTable(maxSize: HPACKDecoder.tableSize)
  private let known = HPACKStaticTable.shared
  /// Hashes of lines that were sent once, by their last bits.
  private var seenOnce: [UInt32] = []
  /// Of the table, if the other side has to be told.
  private var announcedSize: Int?
  /// The line at hand, its name in small letters.
  private var line = ByteBuffer()

  /// The other side allows another size of the dynamic table; more than that of the beginning is not used.
  mutating func allow(tableSize: Int) {
    let size = min(tableSize, HPACKDecoder.tableSize)
    guard size != table.maxSize else { return }
    table.resize(to: size)
    announcedSize = size
  }

  /// Call it before the first field of a block.
  mutating func begin(_ block: inout ByteBuffer) {
    guard let size = announcedSize else { return }
    announcedSize = nil
    Self.write(size, mask: 0x1f, pattern: 0x20, to: &block)
  }

  mutating func encode(status: UInt16, to block: inout ByteBuffer) {
    switch status {
    case 200: block.writeInteger(UInt8(0x88))
    case 204: block.writeInteger(UInt8(0x89))
    case 206: block.writeInteger(UInt8(0x8a))
    case 304: block.writeInteger(UInt8(0x8b))
    case 400: block.writeInteger(UInt8(0x8c))
    case 404: block.writeInteger(UInt8(0x8d))
    case 500: block.writeInteger(UInt8(0x8e))
    default:
      block.writeMultipleIntegers(UInt8(0x08), UInt8(3))
      for digit in [status / 100, status / 10 % 10, status % 10] { block.writeInteger(UInt8(0x30 + digit % 10)) }
    }
  }

  /// - Parameter isRepeated: the field may well come again with the same value, and is no secret that could be guessed by
  ///   what a block weighs (RFC 7541 §7.1).
  mutating func encode(
    name: Span<UInt8>, value: Span<UInt8>, isRepeated: Bool = true, to block: inout ByteBuffer
  ) {
    line.clear(minimumCapacity: name.count + value.count + 4)
    line.writeLowercased(name)
    line.writeStaticString(": ")
    line.writeBytes(value.bytes)
    let size = name.count + value.count + 32
    guard isRepeated, size <= table.maxSize / 4 else {
      return writeLiteral(name.count, pattern: 0, mask: 0x0f, to: &block)
    }
    let hash = line.readableBytesUInt8Span.fieldHash
    if let index = table.index(of: line.readableBytesUInt8Span, hash: hash) {
      return Self.write(HPACKStaticTable.count + 1 + index, mask: 0x7f, pattern: 0x80, to: &block)
    }
    if seenOnce.isEmpty { seenOnce = [UInt32](repeating: 0, count: 64) }
    let slot = Int(hash & 63)
    guard seenOnce[slot] == hash else {
      seenOnce[slot] = hash
      return writeLiteral(name.count, pattern: 0, mask: 0x0f, to: &block)
    }
    writeLiteral(name.count, pattern: 0x40, mask: 0x3f, to: &block)
    let text = line
    table.insert(
      text.readableBytesUInt8Span, nameLength: name.count, size: size, nameKind: .malformed, kind: .malformed,
      hash: hash)
  }

  private func writeLiteral(_ nameLength: Int, pattern: UInt8, mask: UInt8, to block: inout ByteBuffer) {
    let text = line.readableBytesUInt8Span
    let name = text.extracting(0..<nameLength)
    let index = known.index(ofName: name)
    Self.write(index, mask: mask, pattern: pattern, to: &block)
    if index == 0 { Self.write(name, to: &block) }
    Self.write(text.extracting((nameLength + 2)..<text.count), to: &block)
  }

  private static func write(_ text: Span<UInt8>, to block: inout ByteBuffer) {
    write(text.count, mask: 0x7f, pattern: 0, to: &block)
    block.writeBytes(text.bytes)
  }

  /// A number with other bits in front of it (RFC 7541 §5.1).
  private static func write(_ number: Int, mask: UInt8, pattern: UInt8, to block: inout ByteBuffer) {
    guard number >= Int(mask) else {
      block.writeInteger(pattern | UInt8(number))
      return
    }
    block.writeInteger(pattern | mask)
    var rest = number - Int(mask)
    while rest >= 0x80 {
      block.writeInteger(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    block.writeInteger(UInt8(rest))
  }
}

extension ByteBuffer {
  fileprivate mutating func writeLowercased(_ name: Span<UInt8>) {
    writeWithOutputRawSpan(minimumWritableBytes: name.count) { out in
      for index in name.indices { out.append(name[index].lowercased) }
    }
  }
}

extension Span<UInt8> {
  /// Good enough to find one line among a hundred; equal hashes are compared by their bytes. Never 0.
  fileprivate var fieldHash: UInt32 {
    var (hash, offset) = (UInt64(truncatingIfNeeded: count), 0)
    while offset + 8 <= count {
      hash = (hash ^ bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
      offset += 8
    }
    while offset < count {
      hash = (hash ^ UInt64(self[offset])) &* 0x9e37_79b9_7f4a_7c15
      offset += 1
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32) | 1
  }
}
