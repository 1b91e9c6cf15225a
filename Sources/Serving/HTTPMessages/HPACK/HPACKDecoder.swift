import NIOCore

/// Receives the fields of a decoded block.
protocol FieldSink {
  /// - Parameters:
  ///   - line: `name: value` with CR LF.
  ///   - nameLength: bytes before the colon.
  mutating func add(_ line: Span<UInt8>, nameLength: Int, kind: FieldKind)
}

/// Decodes the field blocks of one direction of a connection (RFC 7541).
struct HPACKDecoder: Sendable {
  /// The initial size of the dynamic table on both sides (RFC 9113 §6.5.2); it is never changed.
  static let tableSize = 4096

  private(set) var table = HPACKTable(maxSize: tableSize)
  private let known = HPACKStaticTable.shared
  private let huffman = HPACKHuffman.shared
  /// A buffer for the line of a field that is in no table.
  private var line = ByteBuffer()
  private var isAtStart = true

  mutating func decode(_ block: Span<UInt8>, into sink: inout some FieldSink) throws(HPACKError) {
    var offset = 0
    isAtStart = true
    // A connection that once had a few large fields must not keep that memory.
    defer { if line.capacity > 4096 { line = ByteBuffer() } }
    while offset < block.count {
      let first = block[offset]
      if first & 0x80 != 0 {
        try add(index: try Self.number(block, at: &offset, mask: 0x7f), to: &sink)
      } else if first & 0xc0 == 0x40 {
        try addLiteral(block, at: &offset, mask: 0x3f, isIndexed: true, to: &sink)
      } else if first & 0xe0 == 0x20 {
        let size = try Self.number(block, at: &offset, mask: 0x1f)
        guard isAtStart, size <= Self.tableSize else { throw .tableSize }
        table.resize(to: size)
        continue
      } else {
        try addLiteral(block, at: &offset, mask: 0x0f, isIndexed: false, to: &sink)
      }
      isAtStart = false
    }
  }

  private func add(index: Int, to sink: inout some FieldSink) throws(HPACKError) {
    guard index > 0 else { throw .index }
    if index <= HPACKStaticTable.count {
      let entry = known.entries[index - 1]
      return sink.add(known.lines.span.extracting(entry.range), nameLength: Int(entry.nameLength), kind: entry.kind)
    }
    guard let entry = table.entry(index - HPACKStaticTable.count - 1) else { throw .index }
    let lines = table.lines
    sink.add(
      lines.readableBytesUInt8Span.extracting(table.range(of: entry)), nameLength: Int(entry.nameLength),
      kind: entry.kind)
  }

  private mutating func addLiteral(
    _ block: Span<UInt8>, at offset: inout Int, mask: UInt8, isIndexed: Bool, to sink: inout some FieldSink
  ) throws(HPACKError) {
    line.clear()
    let knownKind = try copyName(block, at: &offset, index: try Self.number(block, at: &offset, mask: mask))
    let nameLength = line.readableBytes
    line.writeStaticString(": ")
    try copyString(block, at: &offset)
    line.writeStaticString("\r\n")
    let text = line
    let whole = text.readableBytesUInt8Span
    let nameKind = knownKind ?? FieldKind.of(name: whole.extracting(0..<nameLength))
    let kind = nameKind.with(value: whole.extracting((nameLength + 2)..<whole.count - 2))
    sink.add(whole, nameLength: nameLength, kind: kind)
    guard isIndexed else { return }
    // The line's colon, blank and end do not count.
    table.insert(whole, nameLength: nameLength, size: whole.count - 4 + 32, nameKind: nameKind, kind: kind)
  }

  /// Begins the line with a name: that of an entry, whose kind is known, or one that follows in the block.
  private mutating func copyName(
    _ block: Span<UInt8>, at offset: inout Int, index: Int
  ) throws(HPACKError) -> FieldKind? {
    if index == 0 {
      try copyString(block, at: &offset)
      return nil
    }
    if index <= HPACKStaticTable.count {
      let entry = known.entries[index - 1]
      let lines = known.lines
      line.write(lines.span.extracting(entry.nameRange))
      return entry.nameKind
    }
    guard let entry = table.entry(index - HPACKStaticTable.count - 1) else { throw .index }
    let start = table.range(of: entry).lowerBound
    let lines = table.lines
    line.write(lines.readableBytesUInt8Span.extracting(start..<start + Int(entry.nameLength)))
    return entry.nameKind
  }

  private mutating func copyString(_ block: Span<UInt8>, at offset: inout Int) throws(HPACKError) {
    guard offset < block.count else { throw .truncated }
    let isCoded = block[offset] & 0x80 != 0
    let length = try Self.number(block, at: &offset, mask: 0x7f)
    guard length <= block.count - offset else { throw .truncated }
    let text = block.extracting(offset..<offset + length)
    offset += length
    if isCoded { try huffman.decode(text, into: &line) } else { line.write(text) }
  }

  /// An integer whose first bits are those below a mask (RFC 7541 §5.1).
  private static func number(_ block: Span<UInt8>, at offset: inout Int, mask: UInt8) throws(HPACKError) -> Int {
    var value = Int(block[offset] & mask)
    offset += 1
    guard value == Int(mask) else { return value }
    // At most 28 bits: far more than the length of any block.
    for shift in stride(from: 0, to: 28, by: 7) {
      guard offset < block.count else { throw .truncated }
      let byte = block[offset]
      offset += 1
      value += Int(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw .number
  }
}

/// Why a field block cannot be decoded. The connection cannot continue afterwards (RFC 9113 §4.3).
package enum HPACKError: Error, Hashable, Sendable {
  /// The block ends in the middle of a field.
  case truncated
  /// An integer larger than any index or length (RFC 7541 §5.1).
  case number
  /// An index that is in neither table (RFC 7541 §2.3.3).
  case index
  /// An invalid Huffman code or padding (RFC 7541 §5.2).
  case code
  /// A table size above the limit, or in the middle of a block (RFC 7541 §4.2).
  case tableSize
}
