/// Bytes to search for, in a time that is linear whatever a peer sends (Knuth, Morris and Pratt 1977).
struct BytePattern {
  private let bytes: [UInt8]
  /// For each beginning of the pattern, how long a shorter beginning is that it ends with.
  private var overlaps: [Int] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var matched = 0
    for (index, byte) in bytes.enumerated() {
      if index > 0 { matched = next(byte, after: matched) }
      overlaps.append(matched)
    }
  }

  /// An empty pattern occurs everywhere.
  func occurs(in text: [UInt8]) -> Bool {
    guard !bytes.isEmpty else { return true }
    var matched = 0
    for byte in text {
      matched = next(byte, after: matched)
      if matched == bytes.count { return true }
    }
    return false
  }

  /// How much of the pattern is matched after another byte.
  private func next(_ byte: UInt8, after matched: Int) -> Int {
    var matched = matched
    while matched > 0, bytes[matched] != byte { matched = overlaps[matched - 1] }
    return bytes[matched] == byte ? matched + 1 : 0
  }
}
