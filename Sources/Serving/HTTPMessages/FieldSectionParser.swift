/// Parses field lines (RFC 9112 §5) up to the empty line.
struct FieldSectionParser {
  let limits: MessageLimits
  /// Whether lines may end in LF alone (RFC 9112 §2.2) and have blanks before their colon (§5.1). Accepted from
  /// servers, not from clients.
  let allowsIrregularLines: Bool

  /// The lines from an offset to the empty line that ends them, and where that ends.
  func parse(_ bytes: Span<UInt8>, from start: Int) -> Result<(lines: [FieldLine], end: Int), MessageFault> {
    var lines: [FieldLine] = []
    lines.reserveCapacity(24)
    var offset = start
    while offset < bytes.count {
      if bytes[offset] == 0x0d || bytes[offset] == 0x0a {
        return lineEnd(bytes, from: offset).map { (lines, $0.next) }
      }
      guard lines.count < limits.fieldCount else { return .failure(.tooManyFields(limit: limits.fieldCount)) }
      switch line(bytes, at: offset) {
      case .success(let line):
        lines.append(line)
        offset = Int(line.lineEnd)
      case .failure(let fault): return .failure(fault)
      }
    }
    return .failure(.truncated)
  }

  /// The lines of a section that nothing follows.
  func parseAll(_ bytes: Span<UInt8>) throws(MessageFault) -> [FieldLine] {
    let section = try parse(bytes, from: 0).get()
    guard section.end == bytes.count else { throw .lineEnding }
    return section.lines
  }

  @inline(__always)
  private func line(_ bytes: Span<UInt8>, at start: Int) -> Result<FieldLine, MessageFault> {
    // Most names have no other characters.
    var nameEnd = bytes.firstOtherThanLetterOrDash(from: start)
    while nameEnd < bytes.count, bytes[nameEnd].isTokenCharacter { nameEnd += 1 }
    var colon = nameEnd
    if allowsIrregularLines { while colon < bytes.count, bytes[colon].isBlank { colon += 1 } }
    guard nameEnd > start, colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
      return .failure(.fieldLine)
    }
    switch lineEnd(bytes, from: colon + 1) {
    case .failure(let fault): return .failure(fault)
    case .success(let end):
      let value = bytes.trimmed(colon + 1, end.content)
      let name = FieldName(bytes.extracting(start..<nameEnd))
      return .success(
        FieldLine(
          name: name, isHopByHop: name.isHopByHop, isIrregular: colon > nameEnd || end.next == end.content + 1,
          start: UInt16(start), nameEnd: UInt16(nameEnd),
          valueStart: UInt16(value.start), valueEnd: UInt16(value.end), lineEnd: UInt16(end.next)))
    }
  }

  /// Where the content of a line ends, and where the next one begins.
  @inline(__always)
  func lineEnd(
    _ bytes: Span<UInt8>, from start: Int
  ) -> Result<(content: Int, next: Int), MessageFault> {
    var offset = bytes.firstControl(from: start)
    while offset < bytes.count, bytes[offset] == 0x09 { offset = bytes.firstControl(from: offset + 1) }
    guard offset < bytes.count else { return .failure(.truncated) }
    switch bytes[offset] {
    case 0x0d:
      guard offset + 1 < bytes.count, bytes[offset + 1] == 0x0a else { return .failure(.lineEnding) }
      return .success((offset, offset + 2))
    case 0x0a: return allowsIrregularLines ? .success((offset, offset + 1)) : .failure(.lineEnding)
    default: return .failure(.fieldLine)
    }
  }
}
