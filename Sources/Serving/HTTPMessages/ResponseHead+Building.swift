import NIOCore

extension ResponseHead {
  /// Builds a response. Invalid fields are left out: a name that is not a token, a value with control characters, or a
  /// field that exceeds the size of a head.
  package init(status: UInt16, fields: [(name: String, value: String)]) {
    var bytes = ByteBuffer(string: "HTTP/1.1 \(status) \(StatusReason.text(status))\r\n")
    let reasonEnd = bytes.writerIndex - 2
    var lines: [FieldLine] = []
    for field in fields {
      if let line = FieldLine(writing: field.name, field.value, to: &bytes) { lines.append(line) }
    }
    bytes.writeStaticString("\r\n")
    let length = lines.first { $0.name == .contentLength }.flatMap { line in
      bytes.getString(at: line.valueRange.lowerBound, length: line.valueRange.count).flatMap(UInt64.init)
    }
    self.init(
      fields: HeadFields(bytes: bytes, lines: lines), status: status, minorVersion: 1,
      connection: ConnectionOptions(), reasonRange: 12..<reasonEnd, framingFields: FramingFields(length: length))
  }
}

extension FieldLine {
  /// Writes a line at the end of a head; returns nil and writes nothing if it is invalid.
  fileprivate init?(writing name: String, _ value: String, to bytes: inout ByteBuffer) {
    let start = bytes.writerIndex
    let end = start + name.utf8.count + 2 + value.utf8.count + 2
    guard end < MessageLimits.maxHeadBytes, !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter),
      !value.utf8.contains(where: \.isForbiddenInValue)
    else { return nil }
    bytes.writeString("\(name): \(value)\r\n")
    let nameEnd = start + name.utf8.count
    let known = FieldName(name.utf8.span)
    self.init(
      name: known, isHopByHop: known.isHopByHop, start: UInt16(start), nameEnd: UInt16(nameEnd),
      valueStart: UInt16(nameEnd + 2), valueEnd: UInt16(end - 2), lineEnd: UInt16(end))
  }
}
