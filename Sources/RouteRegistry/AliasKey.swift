/// A folded alias in the form that the table compares: a tag, its length and, up to 32 bytes, the whole of it.
///
/// Made from the bytes of a name in one pass that folds and hashes eight at a time. The hash is fast and not safe against
/// chosen keys: aliases come from those who run the cluster, and what comes from the network is only ever looked up.
struct AliasKey: Equatable, BitwiseCopyable, Sendable {
  /// How many bytes are compared inline; of a longer name the table compares the text as well.
  private static var inlineLength: Int { 32 }

  /// The hash, never zero: that is what a free slot has.
  let tag: UInt32
  let length: Int
  let words: (UInt64, UInt64, UInt64, UInt64)

  var isWhole: Bool { length <= Self.inlineLength }

  /// Folds as ``HostName/fold(_:)`` does: ASCII case does not count, nor does one dot at the end.
  @inline(__always)
  init(_ name: RawSpan, seed: UInt64) {
    let length = Self.length(of: name)
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var hash: UInt64
    if length <= 16 {
      words.0 = Self.word(name, from: 0, upTo: min(length, 8))
      words.1 = Self.word(name, from: 8, upTo: length)
      hash = Self.mix(seed ^ words.0, words.1 ^ UInt64(truncatingIfNeeded: length) ^ Self.multiplier)
    } else {
      // From both ends: overlapping or not, names of one length compare alike.
      words = (
        Self.word(name, at: 0), Self.word(name, at: 8), Self.word(name, at: length - 16),
        Self.word(name, at: length - 8)
      )
      hash = Self.mix(seed ^ words.0, words.1 ^ UInt64(truncatingIfNeeded: length) ^ Self.multiplier)
      hash = Self.mix(hash ^ words.2, words.3 ^ Self.multiplier)
      if length > Self.inlineLength { hash = Self.mix(hash, Self.middle(of: name, length)) }
    }
    (self.tag, self.length, self.words) = (max(UInt32(truncatingIfNeeded: hash), 1), length, words)
  }

  @inline(__always)
  init(_ name: String, seed: UInt64) {
    let key = name.utf8.withContiguousStorageIfAvailable { AliasKey($0.span.bytes, seed: seed) }
    self = key ?? AliasKey(name.utf8.span.bytes, seed: seed)
  }

  @inline(never)
  private static func middle(of name: RawSpan, _ length: Int) -> UInt64 {
    var hash = Self.multiplier
    var position = 16
    while position < length - 16 {
      hash = mix(hash ^ word(name, at: position), multiplier)
      position += 8
    }
    return hash
  }

  /// How much of a name counts.
  @inline(__always)
  static func length(of name: RawSpan) -> Int {
    let count = name.byteCount
    return count > 1 && byte(name, at: count - 1) == UInt8(ascii: ".") ? count - 1 : count
  }

  static func == (left: Self, right: Self) -> Bool {
    left.tag == right.tag && left.length == right.length && left.words == right.words
  }

  /// Whether a name and the folded text of an alias, both longer than 16 bytes, are the same.
  static func isSame(_ name: RawSpan, _ folded: RawSpan) -> Bool {
    let length = length(of: name)
    guard length == folded.byteCount else { return false }
    var position = 0
    while position < length {
      let place = min(position, length - 8)
      guard word(name, at: place) == word(folded, at: place) else { return false }
      position += 8
    }
    return true
  }

  @inline(__always)
  private static func word(_ name: RawSpan, at position: Int) -> UInt64 {
    folded(name.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  @inline(__always)
  private static func byte(_ name: RawSpan, at position: Int) -> UInt8 {
    name.unsafeLoad(fromByteOffset: position, as: UInt8.self)
  }

  /// At most eight bytes, zeros behind them. Of a short string they were just written, eight at a time, so that a read across
  /// such a border would wait for the writes.
  @inline(__always)
  private static func word(_ name: RawSpan, from start: Int, upTo end: Int) -> UInt64 {
    let count = end - start
    if count == 8 { return word(name, at: start) }
    if count >= 4 {
      let first = UInt64(name.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self))
      let last = UInt64(name.unsafeLoadUnaligned(fromByteOffset: end - 4, as: UInt32.self))
      return folded(first | last << 32)
    }
    guard count > 0 else { return 0 }
    let (first, middle, last) = (byte(name, at: start), byte(name, at: start + count / 2), byte(name, at: end - 1))
    return folded(UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16)
  }

  /// Eight ASCII letters to lower case at once; other bytes stay as they are.
  @inline(__always)
  private static func folded(_ word: UInt64) -> UInt64 {
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
