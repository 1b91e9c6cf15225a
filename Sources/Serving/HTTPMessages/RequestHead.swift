package import NIOCore

/// The head of a request, checked as strictly as a proxy must (RFC 9112 §3, §6), so that the next server reads the same
/// request.
package struct RequestHead: Sendable {
  package var fields: HeadFields
  package let method: RequestMethod
  /// The minor version: 0 or 1.
  package let minorVersion: UInt8
  package let framing: BodyFraming
  package let connection: ConnectionOptions
  /// The first line with its end; nil if the request was not HTTP/1.1.
  package let startLineRange: Range<Int>?
  package let methodRange: Range<Int>
  package let targetRange: Range<Int>
  /// The range of the value of the only Host field.
  package let hostRange: Range<Int>

  /// The request target as sent.
  package var target: String { fields.text(targetRange) }
  package var methodName: String { fields.text(methodRange) }
  /// The value of Host: a name or an address, possibly with a port.
  package var host: String { fields.text(hostRange) }

  /// The name or address in ``host``.
  package var hostName: String {
    let name = HostField(fields.bytes.readableBytesUInt8Span.extracting(hostRange)).name
    return fields.text(hostRange.lowerBound + name.lowerBound..<hostRange.lowerBound + name.upperBound)
  }

  /// Whether another request may follow on the connection (RFC 9112 §9.3).
  package var isPersistent: Bool { minorVersion == 1 && !connection.close }
}

/// Parses request heads at the front of a connection's input.
package struct RequestHeadParser {
  private var scanner: HeadScanner
  private let section: FieldSectionParser
  private var skippedEmptyLine = false

  package init(limits: MessageLimits) {
    scanner = HeadScanner(limits: limits, allowsBareLineFeed: false)
    section = FieldSectionParser(limits: limits, allowsIrregularLines: false)
  }

  /// The next head; nil until it is complete.
  package mutating func next(from input: inout ByteBuffer) throws(MessageFault) -> RequestHead? {
    // One empty line before a request is tolerated (RFC 9112 §2.2), in any number of pieces.
    if !skippedEmptyLine, input.getInteger(at: input.readerIndex, as: UInt16.self) == 0x0d0a {
      input.moveReaderIndex(forwardBy: 2)
      skippedEmptyLine = true
    }
    // Bytes that cannot begin a request, such as TLS, are refused at once.
    guard let first = input.getInteger(at: input.readerIndex, as: UInt8.self) else { return nil }
    guard first.isTokenCharacter || first == 0x0d && !skippedEmptyLine else { throw .startLine }
    guard let head = try parse(&input) else { return nil }
    skippedEmptyLine = false
    return try head.inOriginForm(section: section) ?? head
  }

  private mutating func parse(_ input: inout ByteBuffer) throws(MessageFault) -> RequestHead? {
    if let head = whole(&input) { return head }
    guard let bytes = try scanner.next(from: &input) else { return nil }
    return try RequestHead(bytes, section: section, allowsAbsoluteForm: true)
  }

  /// A valid head that has arrived at once, which is usual: its end is found by parsing it.
  private func whole(_ input: inout ByteBuffer) -> RequestHead? {
    guard !scanner.isWaiting, let parts = parts(at: input) else { return nil }
    return input.readSlice(length: parts.end).map { RequestHead($0, parts) }
  }

  private func parts(at input: ByteBuffer) -> RequestHead.Parsed? {
    let front = input.readableBytesUInt8Span.extracting(first: section.limits.headBytes)
    return try? RequestHead.Parsed(front, section: section, allowsAbsoluteForm: true)
  }
}

extension RequestHead {
  /// Parses a text that ends in an empty line.
  package init(_ bytes: ByteBuffer, limits: MessageLimits) throws(MessageFault) {
    try self.init(bytes, section: FieldSectionParser(limits: limits, allowsIrregularLines: false))
  }

  /// - Parameter allowsAbsoluteForm: whether the target may name the server; ``inOriginForm(section:)`` then splits it.
  init(_ bytes: ByteBuffer, section: FieldSectionParser, allowsAbsoluteForm: Bool = false) throws(MessageFault) {
    guard bytes.readableBytes <= section.limits.headBytes else { throw .headTooLarge(limit: section.limits.headBytes) }
    let parts = try Parsed(
      bytes.readableBytesUInt8Span, section: section, allowsAbsoluteForm: allowsAbsoluteForm)
    guard parts.end == bytes.readableBytes else { throw .lineEnding }
    self.init(bytes, parts)
  }

  fileprivate init(_ bytes: ByteBuffer, _ parts: Parsed) {
    fields = HeadFields(bytes: bytes, lines: parts.lines)
    method = parts.line.method
    minorVersion = parts.line.minorVersion
    framing = parts.framing
    connection = parts.connection
    startLineRange = minorVersion == 1 ? 0..<parts.line.end : nil
    methodRange = parts.line.methodRange
    targetRange = parts.line.targetRange
    hostRange = parts.hostRange
  }

  /// The parts of a head at the front of some bytes.
  fileprivate struct Parsed {
    let line: RequestLine
    let lines: [FieldLine]
    let framing: BodyFraming
    let connection: ConnectionOptions
    let hostRange: Range<Int>
    /// Where the head ends.
    let end: Int

    init(
      _ bytes: Span<UInt8>, section: FieldSectionParser, allowsAbsoluteForm: Bool
    ) throws(MessageFault) {
      line = try RequestLine(bytes, allowsAbsoluteForm: allowsAbsoluteForm)
      var (lines, end) = try section.parse(bytes, from: line.end).get()
      connection = try ConnectionOptions(marking: &lines, bytes, limits: section.limits)
      (self.lines, self.end) = (lines, end)
      guard !lines.contains(where: { $0.name == .doubtfulFraming }) else { throw .doubtfulFraming }
      framing = try Self.framing(FramingFields(lines, bytes, toleratesRepetition: false), line)
      hostRange = try Self.host(lines, bytes)
    }

    private static func framing(_ fields: FramingFields, _ line: RequestLine) throws(MessageFault) -> BodyFraming {
      if fields.isChunked {
        guard fields.length == nil, line.minorVersion == 1 else { throw .transferEncoding }
        return .chunked
      }
      guard let length = fields.length, length > 0 else { return .none }
      return .length(length)
    }

    private static func host(_ lines: [FieldLine], _ bytes: Span<UInt8>) throws(MessageFault) -> Range<Int> {
      var found: Range<Int>?
      for line in lines where line.name == .host {
        guard found == nil else { throw .host }
        found = line.valueRange
      }
      guard let found, HostField.isValid(bytes.extracting(found)) else { throw .host }
      return found
    }
  }
}
