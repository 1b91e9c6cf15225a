/// A host name reduced to what the index of names needs: its length and hash, and those of its first label.
///
/// Names are compared without ASCII case (RFC 4343) and without a final dot. The key of a text is valid for that text
/// only: a table also compares the bytes.
package struct NameKey: BitwiseCopyable, Sendable {
  /// In bytes, without the final dot.
  private let byteCount: UInt32
  private let labelByteCount: UInt32
  let hash: UInt64
  let labelHash: UInt64
  /// Whether the text is already in the form for comparisons.
  package let isFolded: Bool

  var length: Int { Int(byteCount) }
  /// In bytes; equal to `length` for a bare label.
  var labelLength: Int { Int(labelByteCount) }
  package var isEmpty: Bool { byteCount == 0 }
  var isBare: Bool { labelByteCount == byteCount }

  /// The key for no name.
  static let none = NameKey(length: 0, labelLength: 0, hash: 0, labelHash: 0, isFolded: true)

  private init(length: UInt32, labelLength: UInt32, hash: UInt64, labelHash: UInt64, isFolded: Bool) {
    (byteCount, labelByteCount, self.hash, self.labelHash) = (length, labelLength, hash, labelHash)
    self.isFolded = isFolded
  }

  init(_ name: String) { self.init(name.utf8.span) }

  /// - Parameters:
  ///   - name: in UTF-8.
  ///   - empty: the hash of no words.
  @inline(__always)
  init(_ name: Span<UInt8>, _ empty: NameHash = NameHash()) {
    let bytes = name.bytes
    let length = name.count > 1 && name[name.count - 1] == UInt8(ascii: ".") ? name.count - 1 : name.count
    var hash = empty
    var (labelLength, labelHash): (Int, UInt64) = (-1, 0)
    var change: UInt64 = 0
    var offset = 0
    func append(_ raw: UInt64) {
      let word = FoldedWord.fold(raw)
      change |= word ^ raw
      if labelLength < 0 {
        let dots = FoldedWord.dots(in: word)
        if dots != 0 {
          let count = dots.trailingZeroBitCount / 8
          labelLength = offset &+ count
          labelHash = hash.finished(with: FoldedWord.prefix(word, count), length: labelLength)
        }
      }
      hash.mix(word)
    }
    while length &- offset >= 8 {
      append(FoldedWord.whole(bytes, at: offset))
      offset &+= 8
    }
    if offset < length { append(FoldedWord.last(bytes, at: offset, length: length)) }
    byteCount = UInt32(truncatingIfNeeded: length)
    self.hash = hash.finished(length: length)
    labelByteCount = UInt32(truncatingIfNeeded: labelLength < 0 ? length : labelLength)
    self.labelHash = labelLength < 0 ? self.hash : labelHash
    isFolded = change == 0 && length == name.count
  }

  /// Whether the key's name is `localhost`.
  @inline(__always)
  func isLocalhost(_ name: Span<UInt8>) -> Bool {
    // Compares "localhos" in a register, and then the last letter.
    length == 9 && FoldedWord.fold(FoldedWord.read(name.bytes, at: 0, length: 9)) == 0x736f_686c_6163_6f6c
      && name[8] | 0x20 == UInt8(ascii: "t")
  }
}

/// Eight bytes of a name in one register, the first one lowest.
enum FoldedWord {
  private static let everyByte: UInt64 = 0x0101_0101_0101_0101

  /// The bytes from `offset` on, as far as they belong to the name; the others are 0.
  @inline(__always)
  static func read(_ bytes: RawSpan, at offset: Int, length: Int) -> UInt64 {
    length &- offset >= 8 ? whole(bytes, at: offset) : last(bytes, at: offset, length: length)
  }

  @inline(__always)
  static func whole(_ bytes: RawSpan, at offset: Int) -> UInt64 { UInt64(littleEndian: load(bytes, offset)) }

  /// Fewer than eight bytes, at the end of the name.
  @inline(__always)
  static func last(_ bytes: RawSpan, at offset: Int, length: Int) -> UInt64 {
    if length < 8 { return short(bytes, length) }
    return whole(bytes, at: length &- 8) &>> shift(8 &- (length &- offset))
  }

  /// For a name with fewer than eight bytes.
  @inline(__always)
  private static func short(_ bytes: RawSpan, _ length: Int) -> UInt64 {
    if length >= 4 {
      let first = UInt64(UInt32(littleEndian: load(bytes, 0)))
      return first | UInt64(UInt32(littleEndian: load(bytes, length &- 4))) &<< shift(length &- 4)
    }
    guard length > 0 else { return 0 }
    let (first, middle, last): (UInt8, UInt8, UInt8) = (
      load(bytes, 0), load(bytes, length / 2), load(bytes, length &- 1)
    )
    return UInt64(first) | UInt64(middle) &<< shift(length / 2) | UInt64(last) &<< shift(length &- 1)
  }

  @inline(__always)
  private static func shift(_ bytes: Int) -> UInt64 { UInt64(truncatingIfNeeded: 8 &* bytes) }

  /// Unchecked: callers only pass offsets within the name, and a name is never longer than its span.
  @inline(__always)
  private static func load<Word: FixedWidthInteger & BitwiseCopyable>(_ bytes: RawSpan, _ offset: Int) -> Word {
    bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Word.self)
  }

  /// ASCII capitals to lower case, all eight at once; other bytes are unchanged.
  @inline(__always)
  static func fold(_ word: UInt64) -> UInt64 { isFolded(word) ? word : folded(word) }

  /// True for most words without capitals: those have the second-highest bit of seven, and not the third.
  @inline(__always)
  private static func isFolded(_ word: UInt64) -> Bool { word & ~(word &<< 1) & (0x40 * everyByte) == 0 }

  private static func folded(_ word: UInt64) -> UInt64 {
    let low = word & (0x7f * everyByte)
    let isBeyondZ = low &+ (0x7f - 0x5a) * everyByte
    let isFromA = low &+ (0x80 - 0x41) * everyByte
    let isCapital = (isFromA ^ isBeyondZ) & ~word & (0x80 * everyByte)
    return word | isCapital >> 2
  }

  /// The highest bit of the first byte that is a dot, and of some after it; 0 without a dot.
  @inline(__always)
  static func dots(in word: UInt64) -> UInt64 {
    let zeroWhereDot = word ^ (UInt64(UInt8(ascii: ".")) * everyByte)
    return (zeroWhereDot &- everyByte) & ~zeroWhereDot & (0x80 * everyByte)
  }

  /// The first `count` bytes, fewer than eight.
  @inline(__always)
  static func prefix(_ word: UInt64, _ count: Int) -> UInt64 {
    word & ((1 &<< UInt64(truncatingIfNeeded: 8 &* count)) &- 1)
  }
}

/// A hash of words, seeded per process: root in a guest chooses its names, and must not be able to choose collisions.
struct NameHash {
  static let seed = UInt64.random(in: .min ... .max)
  private static let factor: UInt64 = 0x9e37_79b9_7f4a_7c15

  private var state = NameHash.seed

  @inline(__always)
  mutating func mix(_ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: Self.factor)
    state = product.high ^ product.low
  }

  /// The hash of the words so far and of an incomplete last one.
  @inline(__always)
  func finished(with rest: UInt64, length: Int) -> UInt64 {
    var copy = self
    if length % 8 != 0 { copy.mix(rest) }
    return copy.finished(length: length)
  }

  @inline(__always)
  func finished(length: Int) -> UInt64 {
    let product = (state ^ UInt64(truncatingIfNeeded: length)).multipliedFullWidth(by: Self.factor)
    return product.high ^ product.low
  }
}
