package import NIOCore

extension HeadFields {
  /// Parses field lines that end in an empty line.
  package init(section bytes: ByteBuffer, limits: MessageLimits) throws(MessageFault) {
    guard bytes.readableBytes <= limits.headBytes else { throw .headTooLarge(limit: limits.headBytes) }
    let parser = FieldSectionParser(limits: limits, allowsIrregularLines: false)
    let lines = try parser.parse(bytes.readableBytesUInt8Span, from: 0).get()
    self.init(bytes: bytes, lines: lines)
  }
}
