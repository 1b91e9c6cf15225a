/// The kind of an HTTP/2 field, in one byte; determined once for each entry of a table (RFC 9113 §8.2, §8.3).
struct FieldKind: Hashable, Sendable, BitwiseCopyable {
  let rawValue: UInt8

  private init(_ rawValue: UInt8) { self.rawValue = rawValue }

  init(_ name: FieldName) { rawValue = name.rawValue }

  static let method = FieldKind(0x80)
  static let scheme = FieldKind(0x81)
  static let path = FieldKind(0x82)
  static let authority = FieldKind(0x83)
  static let status = FieldKind(0x84)
  /// The value contains a control character.
  static let badValue = FieldKind(0xfe)
  /// Not allowed in any message: a name with capitals or invalid characters, an unknown pseudo-field, or a field of
  /// HTTP/1.1 connections.
  static let malformed = FieldKind(0xff)

  var isPseudo: Bool { rawValue & 0xf8 == 0x80 }

  /// The name of a field that is not a pseudo-field.
  var name: FieldName { FieldName(rawValue: rawValue) ?? .other }

  /// The kind of a field with that name, if its value is valid.
  static func of(name: Span<UInt8>) -> FieldKind {
    guard !name.isEmpty else { return .malformed }
    if name[0] == UInt8(ascii: ":") { return pseudo.first { name.isEqual(to: $0.text) }?.kind ?? .malformed }
    for index in name.indices where !name[index].isTokenCharacter || name[index].lowercased != name[index] {
      return .malformed
    }
    switch FieldName(name) {
    case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade: return .malformed
    case let known: return FieldKind(known)
    }
  }

  /// The kind of the same field with a value.
  func with(value: Span<UInt8>) -> FieldKind {
    if self == .malformed { return self }
    guard value.holdsNoControls else { return .badValue }
    // RFC 9113 §8.2.2
    if rawValue == FieldName.te.rawValue, !value.isEqual(to: "trailers") { return .malformed }
    return self
  }

  private static let pseudo: [(text: StaticString, kind: FieldKind)] = [
    (":method", .method), (":scheme", .scheme), (":path", .path), (":authority", .authority), (":status", .status),
  ]
}

extension Span<UInt8> {
  @inline(__always)
  func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in indices where self[index] != text[index] { return false }
    return true
  }

  /// Compares without case.
  func isSameName(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index].lowercased != other[index].lowercased { return false }
    return true
  }
}

extension Span<UInt8> {
  /// Whether the bytes contain no control characters except the tab.
  var holdsNoControls: Bool {
    var offset = 0
    while offset + 8 <= count {
      let word = self.word(at: offset)
      // Never misses a byte below 0x20, nor 0x7f. A tab, or a byte behind a match, is checked again below.
      let low = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
      let other = word ^ 0x7f7f_7f7f_7f7f_7f7f
      let delete = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
      if low | delete != 0, !holdsNoControls(offset, offset + 8) { return false }
      offset += 8
    }
    return holdsNoControls(offset, count)
  }

  private func holdsNoControls(_ start: Int, _ end: Int) -> Bool {
    for offset in start..<end where self[offset].isForbiddenInValue {
      return false
    }
    return true
  }
}
