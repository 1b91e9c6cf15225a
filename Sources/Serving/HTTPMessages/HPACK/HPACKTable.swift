import NIOCore

/// The dynamic table of one direction (RFC 7541 §2.3.2). An entry is stored as the finished line of a head, so that it
/// can be copied as it is.
struct HPACKTable: Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    /// The offset from the first byte that the table ever contained.
    var start: Int
    var length: Int32
    var nameLength: Int32
    /// The size as HPACK counts it: name, value and 32 bytes (RFC 7541 §4.1).
    var size: Int32
    var nameKind: FieldKind
    var kind: FieldKind
    /// For lookups by name and value.
    var hash: UInt32
  }

  private(set) var size = 0
  /// The peer's limit, within the initial size.
  private(set) var maxSize: Int
  private var entries: [Entry] = []
  /// Entries before this one were evicted.
  private var oldest = 0
  private var bytes = ByteBuffer()
  /// The number of bytes in front of the stored ones that were dropped.
  private var dropped = 0

  init(maxSize: Int) { self.maxSize = maxSize }

  var count: Int { entries.count - oldest }

  /// - Parameter index: 0 is the newest entry.
  func entry(_ index: Int) -> Entry? { index < count ? entries[entries.count - 1 - index] : nil }

  /// The lines of all entries, and possibly older bytes.
  var lines: ByteBuffer { bytes }

  /// The range of an entry's line in ``lines``, from its reader index.
  func range(of entry: Entry) -> Range<Int> {
    let start = entry.start - dropped
    return start..<start + Int(entry.length)
  }

  /// The newest entry with that hash and field, counted from 0; lines are `name: value` here. The name may have
  /// capitals.
  func index(ofName name: Span<UInt8>, value: Span<UInt8>, hash: UInt32) -> Int? {
    var index = entries.count
    while index > oldest {
      index -= 1
      let entry = entries[index]
      guard entry.hash == hash, Int(entry.nameLength) == name.count,
        Int(entry.length) == name.count + 2 + value.count
      else { continue }
      let line = bytes.readableBytesUInt8Span.extracting(range(of: entry))
      if line.extracting(0..<name.count).isSameName(as: name),
        line.extracting(name.count + 2..<line.count).isEqual(to: value)
      {
        return entries.count - 1 - index
      }
    }
    return nil
  }

  mutating func resize(to maxSize: Int) {
    self.maxSize = maxSize
    evict(for: 0)
  }

  /// Adds a line; one that is larger than the table empties it (RFC 7541 §4.4).
  mutating func insert(
    _ line: Span<UInt8>, nameLength: Int, size: Int, nameKind: FieldKind, kind: FieldKind, hash: UInt32 = 0
  ) {
    evict(for: size)
    guard size <= maxSize else { return }
    makeRoom()
    entries.append(
      Entry(
        start: dropped + bytes.readableBytes, length: Int32(line.count), nameLength: Int32(nameLength),
        size: Int32(size), nameKind: nameKind, kind: kind, hash: hash))
    bytes.write(line)
    self.size += size
  }

  private mutating func evict(for size: Int) {
    while oldest < entries.count, self.size + size > maxSize {
      self.size -= Int(entries[oldest].size)
      oldest += 1
    }
    guard oldest == entries.count else { return }
    dropped += bytes.readableBytes
    bytes.clear()
    entries.removeAll(keepingCapacity: true)
    oldest = 0
  }

  /// Moves the stored bytes to the front from time to time.
  private mutating func makeRoom() {
    guard oldest > 0, entries.count == entries.capacity || bytes.readableBytes > 2 * maxSize else { return }
    entries.removeFirst(oldest)
    oldest = 0
    let unused = (entries.first?.start ?? dropped) - dropped
    bytes.moveReaderIndex(forwardBy: unused)
    dropped += unused
    bytes.discardReadBytes()
  }
}

extension Span<UInt8> {
  func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var offset = 0
    while offset + 8 <= count {
      guard word(at: offset) == other.word(at: offset) else { return false }
      offset += 8
    }
    while offset < count {
      guard self[offset] == other[offset] else { return false }
      offset += 1
    }
    return true
  }
}
