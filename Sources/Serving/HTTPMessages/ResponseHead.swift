package import NIOCore

/// The head of a response as an upstream sent it (RFC 9112 §4).
package struct ResponseHead: Sendable {
  package var fields: HeadFields
  package let status: UInt16
  package let minorVersion: UInt8
  package let connection: ConnectionOptions
  /// The first line with its end; nil if the response was not HTTP/1.1, or the line is irregular.
  package let startLineRange: Range<Int>?
  /// The bytes behind the status code: a space and the reason, if there is one.
  package let reasonRange: Range<Int>
  private let framingFields: FramingFields

  init(
    fields: HeadFields, status: UInt16, minorVersion: UInt8, connection: ConnectionOptions, reasonRange: Range<Int>,
    framingFields: FramingFields
  ) {
    startLineRange = nil
    (self.fields, self.status, self.minorVersion) = (fields, status, minorVersion)
    (self.connection, self.reasonRange, self.framingFields) = (connection, reasonRange, framingFields)
  }

  /// Whether it is interim: 100 to 199 except 101. More heads follow (RFC 9110 §15.2).
  package var isInterim: Bool { status < 200 && status != 101 }

  /// Where the body of this response ends, which also depends on the request's method (RFC 9112 §6.3).
  package func framing(for method: RequestMethod) -> BodyFraming {
    if method == .head || status < 200 || status == 204 || status == 304 { return .none }
    if framingFields.isChunked { return .chunked }
    guard let length = framingFields.length else { return .untilClose }
    return length == 0 ? .none : .length(length)
  }

  /// Whether the upstream keeps the connection open. False if its framing fields contradict each other or its version
  /// (RFC 9112 §6.1).
  package var isPersistent: Bool {
    if framingFields.isChunked, framingFields.length != nil || minorVersion == 0 { return false }
    return minorVersion == 1 ? !connection.close : connection.keepAlive
  }

  /// Content-Length, if it applies to the body: not beside Transfer-Encoding.
  package var contentLength: UInt64? { framingFields.isChunked ? nil : framingFields.length }
}

/// Parses response heads at the front of a connection's input.
package struct ResponseHeadParser {
  private var scanner: HeadScanner
  private let section: FieldSectionParser

  package init(limits: MessageLimits) {
    scanner = HeadScanner(limits: limits, allowsBareLineFeed: true)
    section = FieldSectionParser(limits: limits, allowsIrregularLines: true)
  }

  /// The next head; nil until it is complete.
  package mutating func next(from input: inout ByteBuffer) throws(MessageFault) -> ResponseHead? {
    if let head = whole(&input) { return head }
    guard let bytes = try scanner.next(from: &input) else { return nil }
    return try ResponseHead(bytes, section: section)
  }

  /// A valid head that has arrived at once, which is usual: its end is found by parsing it.
  private func whole(_ input: inout ByteBuffer) -> ResponseHead? {
    guard !scanner.isWaiting, let parts = parts(at: input) else { return nil }
    return input.readSlice(length: parts.end).map { ResponseHead($0, parts) }
  }

  private func parts(at input: ByteBuffer) -> ResponseHead.Parsed? {
    let front = input.readableBytesUInt8Span.extracting(first: section.limits.headBytes)
    return try? ResponseHead.Parsed(front, section: section)
  }
}

extension ResponseHead {
  /// Parses a text that ends in an empty line.
  package init(_ bytes: ByteBuffer, limits: MessageLimits) throws(MessageFault) {
    try self.init(bytes, section: FieldSectionParser(limits: limits, allowsIrregularLines: true))
  }

  init(_ bytes: ByteBuffer, section: FieldSectionParser) throws(MessageFault) {
    guard bytes.readableBytes <= section.limits.headBytes else { throw .headTooLarge(limit: section.limits.headBytes) }
    let parts = try Parsed(bytes.readableBytesUInt8Span, section: section)
    guard parts.end == bytes.readableBytes else { throw .lineEnding }
    self.init(bytes, parts)
  }

  fileprivate init(_ bytes: ByteBuffer, _ parts: Parsed) {
    fields = HeadFields(bytes: bytes, lines: parts.lines)
    (status, minorVersion, reasonRange) = (parts.status, parts.minorVersion, parts.reasonRange)
    startLineRange = parts.startLineRange
    (connection, framingFields) = (parts.connection, parts.framingFields)
  }

  /// The parts of a head at the front of some bytes.
  fileprivate struct Parsed {
    let status: UInt16
    let minorVersion: UInt8
    let startLineRange: Range<Int>?
    let reasonRange: Range<Int>
    let lines: [FieldLine]
    let connection: ConnectionOptions
    let framingFields: FramingFields
    /// Where the head ends.
    let end: Int

    init(_ bytes: Span<UInt8>, section: FieldSectionParser) throws(MessageFault) {
      guard bytes.count >= 13, bytes.begins(with: "HTTP/1."), bytes[7] <= UInt8(ascii: "1"), bytes[7].isDigit,
        bytes[8] == 0x20, bytes[9].isDigit, bytes[10].isDigit, bytes[11].isDigit, bytes[9] != UInt8(ascii: "0")
      else { throw .startLine }
      minorVersion = bytes[7] - 0x30
      status = UInt16(bytes[9] - 0x30) * 100 + UInt16(bytes[10] - 0x30) * 10 + UInt16(bytes[11] - 0x30)
      let lineEnd = try section.lineEnd(bytes, from: 12).get()
      guard lineEnd.content == 12 || bytes[12] == 0x20 else { throw .startLine }
      reasonRange = 12..<lineEnd.content
      let isRegular = minorVersion == 1 && !reasonRange.isEmpty && lineEnd.next == lineEnd.content + 2
      startLineRange = isRegular ? 0..<lineEnd.next : nil
      var (lines, end) = try section.parse(bytes, from: lineEnd.next).get()
      connection = try ConnectionOptions(marking: &lines, bytes, limits: section.limits)
      (self.lines, self.end) = (lines, end)
      framingFields = try FramingFields(lines, bytes, toleratesRepetition: true)
    }
  }
}

/// The reason phrases of RFC 9110 §15 for the statuses that this server sends.
package enum StatusReason {
  /// Empty for other statuses.
  package static func text(_ status: UInt16) -> String { reasons[status] ?? "" }

  private static let reasons: [UInt16: String] = [
    200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
    304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 412: "Precondition Failed",
    413: "Content Too Large", 416: "Range Not Satisfiable", 417: "Expectation Failed", 421: "Misdirected Request",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    505: "HTTP Version Not Supported", 508: "Loop Detected",
  ]
}
