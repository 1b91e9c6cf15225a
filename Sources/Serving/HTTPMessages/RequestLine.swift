/// The method, target and version (RFC 9112 §3), separated by one space.
struct RequestLine {
  let method: RequestMethod
  let methodRange: Range<Int>
  let targetRange: Range<Int>
  let minorVersion: UInt8
  /// Where the first field line begins.
  let end: Int

  init(_ bytes: Span<UInt8>, allowsAbsoluteForm: Bool) throws(MessageFault) {
    var offset = 0
    while offset < bytes.count, bytes[offset].isTokenCharacter { offset += 1 }
    methodRange = 0..<offset
    guard offset > 0, offset < bytes.count, bytes[offset] == 0x20 else { throw .startLine }
    method = RequestMethod(bytes.extracting(methodRange))
    let start = offset + 1
    offset = start
    while offset < bytes.count, bytes[offset].isTargetCharacter { offset += 1 }
    targetRange = start..<offset
    guard offset > start, offset < bytes.count, bytes[offset] == 0x20 else {
      throw offset < bytes.count && bytes[offset] >= 0x80 ? .targetCharacter : .startLine
    }
    minorVersion = try Self.version(bytes, at: offset + 1)
    end = offset + 11
    if bytes[start] == UInt8(ascii: "/"), method != .connect { return }
    if allowsAbsoluteForm, method != .connect, AbsoluteForm(targetRange, of: bytes) != nil { return }
    // Refuses targets that name another server.
    guard bytes[start] == UInt8(ascii: "*"), targetRange.count == 1, method == .options else { throw .target }
  }

  private static func version(_ bytes: Span<UInt8>, at start: Int) throws(MessageFault) -> UInt8 {
    guard start + 10 <= bytes.count else { throw .startLine }
    let line = bytes.extracting(start..<start + 10)
    guard line.begins(with: "HTTP/"), line[5].isDigit, line[6] == UInt8(ascii: "."), line[7].isDigit else {
      throw .startLine
    }
    guard line[8] == 0x0d, line[9] == 0x0a else { throw line[8] == 0x0a ? .lineEnding : .startLine }
    guard line[5] == UInt8(ascii: "1"), line[7] <= UInt8(ascii: "1") else { throw .version }
    return line[7] - UInt8(ascii: "0")
  }
}
