import NIOCore

extension HPACKEncoder {
  /// Encodes a response's head, without fields for the upstream's connection.
  ///
  /// - Parameter date: the line for a response without a date.
  mutating func encode(_ head: ResponseHead, date: ByteBuffer, to block: inout OutputRawSpan) {
    let fields = head.fields
    begin(&block)
    encode(status: head.status, to: &block)
    // RFC 9110 §8.6
    var keepsLength = head.contentLength != nil && head.status >= 200 && head.status != 204
    // An interim response has no date (RFC 9110 §6.6.1).
    var isDated = head.status < 200
    for line in fields.lines where !line.isHopByHop {
      if line.name == .date { isDated = true }
      if line.name == .contentLength {
        // A repeated one is sent once.
        defer { keepsLength = false }
        if !keepsLength { continue }
      }
      encode(line, of: fields, to: &block)
    }
    guard !isDated else { return }
    let line = date.readableBytesUInt8Span
    encode(name: line.extracting(0..<4), value: line.extracting(6..<line.count - 2), to: &block)
  }

  /// The maximum size of the encoded fields in bytes.
  static func room(for fields: HeadFields) -> Int {
    fields.bytes.readableBytes + fieldRoom * fields.lines.count + blockRoom
  }

  /// Encodes trailers, without those for framing and routing (RFC 9110 §6.5.1).
  mutating func encode(trailers: HeadFields, to block: inout OutputRawSpan) {
    begin(&block)
    for line in trailers.lines where !line.isHopByHop && !line.name.isBarredFromTrailers {
      encode(line, of: trailers, to: &block)
    }
  }

  mutating func encode(_ line: FieldLine, of fields: HeadFields, to block: inout OutputRawSpan) {
    let bytes = fields.bytes.readableBytesUInt8Span
    encode(
      name: bytes.extracting(line.nameRange), value: bytes.extracting(line.valueRange),
      isRepeated: line.name.mayRepeat, to: &block)
  }
}

extension HeadFields {
  /// Whether at least one of these trailers is passed on.
  var hasPassableTrailers: Bool { lines.contains { !$0.isHopByHop && !$0.name.isBarredFromTrailers } }
}

extension FieldName {
  /// Whether it is neither a secret nor a length, which differs each time.
  fileprivate var mayRepeat: Bool {
    switch self {
    case .contentLength, .setCookie, .cookie, .authorization, .contentRange: false
    default: true
    }
  }
}
