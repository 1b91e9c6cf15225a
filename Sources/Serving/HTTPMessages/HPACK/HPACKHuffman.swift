import NIOCore

/// The Huffman code of HPACK (RFC 7541 §5.2).
struct HPACKHuffman: Sendable {
  static let shared = HPACKHuffman()

  /// The number of bits in the code of each byte, and of the end of a string (appendix B). The codes follow from these:
  /// they count up in the order of length, then of value.
  private static let lengths: [UInt8] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
    10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
    5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
    22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
    27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
  ]
  private static let endOfString: UInt16 = 256
  private static let shortBits = 9
  private static let maxBits = 30

  /// Indexed by the next nine bits: the value above the number of bits in its code; 0 if the code is longer.
  private let short: [UInt16]
  /// All values in the order of their codes.
  private let values: [UInt16]
  /// For each number of bits: the first code that is longer, left-aligned in 32 bits, and the difference between a code
  /// and its index among the values.
  private let limits: [UInt32]
  private let places: [Int]

  private init() {
    values = (0..<UInt16(Self.lengths.count)).sorted {
      (Self.lengths[Int($0)], $0) < (Self.lengths[Int($1)], $1)
    }
    var (short, limits, places) = ([UInt16](repeating: 0, count: 1 << Self.shortBits), [UInt32](), [Int]())
    var (code, place) = (0, 0)
    for bits in 0...Self.maxBits {
      code <<= 1
      places.append(place - code)
      while place < values.count, Self.lengths[Int(values[place])] == bits {
        if bits <= Self.shortBits {
          let first = code << (Self.shortBits - bits)
          for index in first..<first + 1 << (Self.shortBits - bits) { short[index] = values[place] << 4 | UInt16(bits) }
        }
        (code, place) = (code + 1, place + 1)
      }
      limits.append(bits == 0 ? 0 : UInt32(truncatingIfNeeded: min(code << (32 - bits), Int(UInt32.max))))
    }
    (self.short, self.limits, self.places) = (short, limits, places)
  }

  /// Decodes a string.
  func decode(_ input: Span<UInt8>, into output: inout ByteBuffer) throws(HPACKError) {
    var (window, bits, offset) = (UInt64(0), 0, 0)
    try output.writeWithOutputRawSpan(minimumWritableBytes: input.count * 8 / 5 + 1) { (out) throws(HPACKError) in
      while true {
        while bits <= 56, offset < input.count {
          window |= UInt64(input[offset]) << UInt64(56 - bits)
          bits += 8
          offset += 1
        }
        let entry = short[Int(window >> UInt64(64 - Self.shortBits))]
        let (value, length) = entry != 0 ? (entry >> 4, Int(entry & 15)) : longCode(UInt32(window >> 32))
        guard length <= bits else { break }
        guard value != Self.endOfString else { throw .code }
        out.append(UInt8(truncatingIfNeeded: value))
        window <<= UInt64(length)
        bits -= length
      }
    }
    // The last byte is padded with the beginning of the end-of-string code: ones.
    guard bits < 8, window >> UInt64(56) == (0xff00 >> UInt64(bits)) & 0xff else { throw .code }
  }

  private func longCode(_ window: UInt32) -> (value: UInt16, length: Int) {
    var bits = Self.shortBits + 1
    while bits < Self.maxBits, window >= limits[bits] { bits += 1 }
    let place = Int(window >> UInt32(32 - bits)) + places[bits]
    return (place < values.count ? values[place] : Self.endOfString, bits)
  }
}
