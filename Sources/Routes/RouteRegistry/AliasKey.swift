/// A name in the form that the table compares: its hash, its length and, up to 32 bytes, all of it. A longer name is
/// represented by its first and last 16 bytes, and a 64-bit SipHash, seeded per process, of the bytes between them.
///
/// It is computed from the bytes of a name, eight at a time, in one pass. Names that differ only in ASCII case or by
/// one dot at the end are the same name, as for ``HostName/fold(_:)``: every spelling has the same hash, and folding is
/// delayed until a candidate is found. The hash is fast but not safe against chosen keys: aliases come from the
/// operators of the cluster, and names from the network are only looked up.
struct AliasKey: BitwiseCopyable, Sendable {
  /// The number of bytes that are compared directly.
  private static var inlineLength: Int { 32 }
  /// The number of bytes in the first two words.
  private static var shortLength: Int { 16 }

  /// What a longer name has after its first two words; 0 for a short one.
  struct Rest: BitwiseCopyable, Sendable {
    fileprivate let unfolded: (UInt64, UInt64)
    /// The hash of the bytes between the first and the last 16 of a name that is longer still; else 0.
    let middle: UInt64

    /// The last two words as the table stores them.
    var words: (UInt64, UInt64) {
      @inline(__always) get { (AliasKey.folded(unfolded.0), AliasKey.folded(unfolded.1)) }
    }
  }

  let hash: UInt32
  let length: UInt32
  private let words: (UInt64, UInt64)
  let rest: Rest

  /// The byte that the table compares first; never 0, which marks a free slot.
  var tag: UInt8 { max(UInt8(truncatingIfNeeded: hash >> 24), 1) }

  /// Whether it has the form `*.example.org`.
  var isWildcard: Bool { UInt8(truncatingIfNeeded: words.0) == UInt8(ascii: "*") }

  /// The hash in the upper half, the length in the lower one, so that one load compares both.
  var hashAndLength: UInt64 { UInt64(hash) << 32 | UInt64(length) }

  /// Whether ``firstWords`` contain the whole name.
  var isShort: Bool { length <= UInt32(Self.shortLength) }

  /// The first two words as the table stores them.
  var firstWords: (UInt64, UInt64) {
    @inline(__always) get { (Self.folded(words.0), Self.folded(words.1)) }
  }

  @inline(__always)
  init(_ name: RawSpan, seed: UInt64) {
    let length = Self.length(of: name)
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    if length > Self.shortLength {
      words.2 = Self.word(name, at: length - 16)
      words.3 = Self.word(name, at: length - 8)
      (words.0, words.1) = (Self.word(name, at: 0), Self.word(name, at: 8))
    } else {
      (words.0, words.1) = Self.words(ofShort: name, length)
    }
    var (hash, middle) = (Self.hash((words.0, words.1), length, seed: seed), UInt64(0))
    if length > Self.shortLength {
      hash = Self.mix(hash ^ Self.caseless(words.2), Self.caseless(words.3) ^ Self.multiplier)
      if length > Self.inlineLength {
        middle = Self.middle(of: name, length)
        hash = Self.mix(hash, middle ^ Self.multiplier)
      }
    }
    (self.hash, self.length) = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: length))
    self.words = (words.0, words.1)
    rest = Rest(unfolded: (words.2, words.3), middle: middle)
  }

  /// The key of a short name, in half of the time; nil for a longer one.
  @inline(__always)
  init?(short name: RawSpan, seed: UInt64) {
    let length = Self.length(of: name)
    guard length <= Self.shortLength else { return nil }
    words = Self.words(ofShort: name, length)
    let hash = Self.hash(words, length, seed: seed)
    (self.hash, self.length) = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: length))
    rest = Rest(unfolded: (0, 0), middle: 0)
  }

  @inline(__always)
  init(_ name: String, seed: UInt64) {
    let key = name.utf8.withContiguousStorageIfAvailable { AliasKey($0.span.bytes, seed: seed) }
    self = key ?? AliasKey(name.utf8.span.bytes, seed: seed)
  }

  @inline(never)
  private static func middle(of name: RawSpan, _ length: Int) -> UInt64 {
    var hasher = Hasher()
    var position = 16
    while position < length - 16 {
      hasher.combine(folded(word(name, at: position)))
      position += 8
    }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// The length without a dot at the end.
  @inline(__always)
  static func length(of name: RawSpan) -> Int {
    let count = name.byteCount
    return count > 1 && byte(name, at: count - 1) == UInt8(ascii: ".") ? count - 1 : count
  }

  /// Loaded from both ends: overlapping or not, names of the same length compare equally.
  @inline(__always)
  private static func words(ofShort name: RawSpan, _ length: Int) -> (UInt64, UInt64) {
    length >= 8 ? (word(name, at: 0), word(name, at: length - 8)) : (word(name, upTo: length), 0)
  }

  /// The hash of a short name, and of the first two words of a longer one.
  @inline(__always)
  private static func hash(_ words: (UInt64, UInt64), _ length: Int, seed: UInt64) -> UInt64 {
    mix(seed ^ caseless(words.0), caseless(words.1) ^ UInt64(truncatingIfNeeded: length) ^ multiplier)
  }

  @inline(__always)
  private static func word(_ name: RawSpan, at position: Int) -> UInt64 {
    name.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self)
  }

  @inline(__always)
  private static func byte(_ name: RawSpan, at position: Int) -> UInt8 {
    name.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
  }

  /// Fewer than eight bytes, followed by zeros.
  @inline(__always)
  private static func word(_ name: RawSpan, upTo end: Int) -> UInt64 {
    if end >= 4 {
      let first = UInt64(name.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self))
      let last = UInt64(name.unsafeLoadUnaligned(fromUncheckedByteOffset: end - 4, as: UInt32.self))
      return first | last << 32
    }
    guard end > 0 else { return 0 }
    let (first, middle, last) = (byte(name, at: 0), byte(name, at: end / 2), byte(name, at: end - 1))
    return UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16
  }

  /// Equal for words that fold alike, and for some others.
  @inline(__always)
  private static func caseless(_ word: UInt64) -> UInt64 { word | 0x2020_2020_2020_2020 }

  /// Eight ASCII letters to lower case at once; other bytes are unchanged.
  @inline(__always)
  fileprivate static func folded(_ word: UInt64) -> UInt64 {
    let sevenBits = word & 0x7f7f_7f7f_7f7f_7f7f
    let fromA = sevenBits &+ 0x3f3f_3f3f_3f3f_3f3f
    let beyondZ = sevenBits &+ 0x2525_2525_2525_2525
    let capitals = (fromA ^ beyondZ) & ~word & 0x8080_8080_8080_8080
    return word | capitals >> 2
  }

  @inline(__always)
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  private static var multiplier: UInt64 { 0x9e37_79b9_7f4a_7c15 }
}
