package import NIOCore

/// The field section of a head, or the trailers of a body: lines over the bytes as received.
package struct HeadFields: Sendable {
  /// The whole head.
  package internal(set) var bytes: ByteBuffer
  package internal(set) var lines: [FieldLine]

  /// No fields at all.
  package init() { (bytes, lines) = (ByteBuffer(), []) }

  init(bytes: ByteBuffer, lines: [FieldLine]) { (self.bytes, self.lines) = (bytes, lines) }

  /// The value of the first field of that name.
  package func value(of name: FieldName) -> String? {
    lines.first { $0.name == name }.map(value)
  }

  /// The values of all fields of that name, joined as one list (RFC 9110 §5.3).
  package func list(of name: FieldName) -> String? {
    let values = lines.filter { $0.name == name }.map(value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// The value of the first field of a name that is no ``FieldName``, in lower case.
  package func value(named name: StaticString) -> String? {
    let bytes = bytes.readableBytesUInt8Span
    for line in lines where line.name == .other && bytes.extracting(line.nameRange).equals(lowercased: name) {
      return value(of: line)
    }
    return nil
  }

  package func contains(_ name: FieldName) -> Bool { lines.contains { $0.name == name } }

  package func value(of line: FieldLine) -> String { text(line.valueRange) }

  package func name(of line: FieldLine) -> String { text(line.nameRange) }

  /// A part of the head as text; invalid UTF-8 becomes U+FFFD.
  package func text(_ range: Range<Int>) -> String {
    bytes.getString(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ""
  }
}

/// The offsets of one field line in the bytes of its head.
package struct FieldLine: Sendable {
  package internal(set) var name: FieldName
  /// Hop-by-hop by its name or because Connection names it: valid for this connection only.
  package internal(set) var isHopByHop: Bool
  /// Ended by LF alone, or with blanks before its colon: written in the regular form when it is passed on.
  var isIrregular = false
  /// Offsets into the head. The line's end is behind its CR LF; the value is without blanks around it.
  let start: UInt16
  let nameEnd: UInt16
  let valueStart: UInt16
  let valueEnd: UInt16
  let lineEnd: UInt16

  package var nameRange: Range<Int> { Int(start)..<Int(nameEnd) }
  package var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  package var lineRange: Range<Int> { Int(start)..<Int(lineEnd) }
}

extension HeadFields {
  /// Parses field lines that end in an empty line.
  package init(section bytes: ByteBuffer, limits: MessageLimits) throws(MessageFault) {
    guard bytes.readableBytes <= limits.headBytes else { throw .headTooLarge(limit: limits.headBytes) }
    let parser = FieldSectionParser(limits: limits, allowsIrregularLines: false)
    let lines = try parser.parseAll(bytes.readableBytesUInt8Span)
    self.init(bytes: bytes, lines: lines)
  }
}
