extension IPAddress {
  /// Parses a literal, with or without a prefix length (`192.0.2.1/24`), brackets or a zone; nil for other texts.
  package init?(_ text: some StringProtocol) { self.init(String(text)) }

  /// The same for a `String`, without allocating.
  package init?(_ text: String) { self.init(text.utf8.span) }

  /// The same for UTF-8. Texts that cannot be a literal, as nearly all names, are refused at their first letter beyond
  /// `f`.
  package init?(_ bytes: Span<UInt8>) {
    if let address = Literal.plainIPv4(bytes) {
      self.init(high: 0, low: 0xffff << 32 | UInt64(address))
    } else {
      self.init(anyForm: bytes)
    }
  }

  private init?(anyForm bytes: Span<UInt8>) {
    guard Literal.isPossible(bytes), var range = Literal.body(of: bytes) else { return nil }
    if let zone = range.first(where: { bytes[$0] == UInt8(ascii: "%") }) { range = range.lowerBound..<zone }
    var isIPv6 = false
    for index in range where bytes[index] == UInt8(ascii: ":") { isIPv6 = true }
    if isIPv6 {
      guard let (high, low) = Literal.ipv6(bytes, range) else { return nil }
      self.init(high: high, low: low)
    } else {
      guard let address = Literal.ipv4(bytes, range) else { return nil }
      self.init(high: 0, low: 0xffff << 32 | UInt64(address))
    }
  }
}

/// The grammar of address literals: dotted decimal without leading zeros, and RFC 4291 §2.2.
private enum Literal {
  /// Parses just four numbers, the form of nearly every literal; nil means that the text may still be another form.
  static func plainIPv4(_ bytes: Span<UInt8>) -> UInt32? {
    guard bytes.count >= 7, bytes.count <= 15 else { return nil }
    var (address, part, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
    for index in bytes.indices {
      // In bounds, because it is one of the indices.
      let value = bytes[unchecked: index] &- UInt8(ascii: "0")
      if value < 10 {
        guard digits == 0 || part > 0 else { return nil }
        part = part &* 10 &+ UInt32(value)
        digits &+= 1
        guard part < 256 else { return nil }
      } else {
        guard bytes[unchecked: index] == UInt8(ascii: "."), digits > 0 else { return nil }
        address = address << 8 | part
        (part, digits, dots) = (0, 0, dots &+ 1)
      }
    }
    return dots == 3 && digits > 0 ? address << 8 | part : nil
  }

  /// Whether all characters up to a prefix length or zone may occur in a literal.
  static func isPossible(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "/") { return true }
      let isPart = byte >= UInt8(ascii: ".") && byte <= UInt8(ascii: ":")  // . / 0…9 :
      let isHexLetter = (byte | 0x20) &- UInt8(ascii: "a") < 6
      guard isPart || isHexLetter || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") else { return false }
    }
    return true
  }

  /// The range of the address itself, without brackets and prefix length; nil if the text cannot be a literal.
  static func body(of bytes: Span<UInt8>) -> Range<Int>? {
    var range = 0..<bytes.count
    if let last = range.last, bytes[0] == UInt8(ascii: "["), bytes[last] == UInt8(ascii: "]") {
      guard range.count > 2 else { return nil }
      range = 1..<last
    }
    guard let first = range.first, bytes[first] == UInt8(ascii: ":") || hexDigit(bytes[first]) != nil else {
      return nil
    }
    if let slash = range.first(where: { bytes[$0] == UInt8(ascii: "/") }) {
      guard let bits = decimal(bytes, slash + 1..<range.upperBound), bits <= 128 else { return nil }
      range = range.lowerBound..<slash
    }
    return range
  }

  private static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard (1...3).contains(range.count) else { return nil }
    var value = 0
    for index in range {
      guard let digit = digit(bytes[index]) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  static func ipv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32? {
    var (address, part, digits, parts): (UInt32, Int, Int, Int) = (0, 0, 0, 0)
    for index in range {
      if bytes[index] == UInt8(ascii: ".") {
        guard digits > 0, parts < 3 else { return nil }
        address = address << 8 | UInt32(part)
        (part, digits, parts) = (0, 0, parts + 1)
        continue
      }
      guard let digit = digit(bytes[index]), digits == 0 || part > 0 else { return nil }
      part = part * 10 + digit
      digits += 1
      guard part <= 255 else { return nil }
    }
    return parts == 3 && digits > 0 ? address << 8 | UInt32(part) : nil
  }

  /// Parses up to eight groups; one `::` may replace missing ones; the last two may be an IPv4 address.
  static func ipv6(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (UInt64, UInt64)? {
    var groups = Groups()
    var index = range.lowerBound
    if bytes[index] == UInt8(ascii: ":") {
      guard range.count > 1, bytes[index + 1] == UInt8(ascii: ":") else { return nil }
      groups.gap = 0
      index += 2
    }
    while index < range.upperBound {
      var (value, end) = (0, index)
      while end < range.upperBound, let digit = hexDigit(bytes[end]) {
        guard end - index < 4 else { break }
        value = value << 4 | digit
        end += 1
      }
      if end < range.upperBound, bytes[end] == UInt8(ascii: ".") {
        guard let address = ipv4(bytes, index..<range.upperBound) else { return nil }
        return groups.append(Int(address >> 16)) && groups.append(Int(address & 0xffff)) ? groups.address : nil
      }
      guard end > index, groups.append(value) else { return nil }
      if end == range.upperBound { break }
      guard bytes[end] == UInt8(ascii: ":"), end + 1 < range.upperBound else { return nil }
      index = end + 1
      if bytes[index] == UInt8(ascii: ":") {
        guard groups.gap == nil else { return nil }
        groups.gap = groups.count
        index += 1
      }
    }
    return groups.address
  }

  private struct Groups {
    private(set) var count = 0
    /// The index of the group before which `::` inserts zeros.
    var gap: Int?
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    mutating func append(_ group: Int) -> Bool {
      guard count < 8 else { return false }
      high = high << 16 | low >> 48
      low = low << 16 | UInt64(group)
      count += 1
      return true
    }

    var address: (UInt64, UInt64)? {
      guard let gap else { return count == 8 ? (high, low) : nil }
      guard count < 8 else { return nil }
      // The groups after the gap stay at the end, those before it move to the front.
      let after = 16 * UInt64(count - gap)
      let whole = UInt128(high) << 64 | UInt128(low)
      let tail = whole & (UInt128(1) << UInt128(after) - 1)
      let head = (whole >> UInt128(after)) << UInt128(128 - 16 * UInt64(gap))
      let address = gap == 0 ? tail : head | tail
      return (UInt64(address >> 64), UInt64(truncatingIfNeeded: address))
    }
  }

  private static func digit(_ byte: UInt8) -> Int? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? Int(value) : nil
  }

  private static func hexDigit(_ byte: UInt8) -> Int? {
    if let digit = digit(byte) { return digit }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? Int(letter) + 10 : nil
  }
}
