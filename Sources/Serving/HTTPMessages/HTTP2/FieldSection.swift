import NIOCore

/// A field section of HTTP/2 that is converted to a head: its fields are copied from HPACK's tables as finished lines
/// (RFC 9113 §8.1).
struct FieldSection: FieldSink {
  enum Role { case request, response, trailers }
  enum Scheme { case http, https, other }

  let role: Role
  let limits: MessageLimits
  // Appending a small piece is many times faster with an array than with a ByteBuffer.
  private var content: [UInt8] = []
  private(set) var lines: [FieldLine] = []
  /// Malformed (RFC 9113 §8.1.1): the stream ends.
  private(set) var isMalformed = false
  /// Why the message is refused.
  private(set) var fault: MessageFault?

  private(set) var methodRange: Range<Int>?
  private(set) var targetRange: Range<Int>?
  private(set) var hostRange: Range<Int>?
  private(set) var scheme: Scheme?
  private(set) var status: UInt16?
  private(set) var reasonRange = 0..<0
  private var hasAuthority = false
  private var hasHostField = false
  /// The values of all Cookie fields (RFC 9113 §8.2.3).
  private var cookies: ByteBuffer?

  init(_ role: Role, limits: MessageLimits) {
    (self.role, self.limits) = (role, limits)
    content.reserveCapacity(1000)
    lines.reserveCapacity(20)
  }

  mutating func add(_ line: Span<UInt8>, nameLength: Int, kind: FieldKind) {
    guard fault == nil, !isMalformed else { return }
    if kind.isPseudo { return addPseudo(line.extracting((nameLength + 2)..<line.count - 2), kind) }
    switch kind {
    case .malformed: isMalformed = true
    case .badValue: fault = .fieldLine
    default: addField(line, nameLength, kind.name)
    }
  }

  private mutating func addField(_ line: Span<UInt8>, _ nameLength: Int, _ name: FieldName) {
    if role == .request {
      if name == .cookie { return addCookie(line.extracting((nameLength + 2)..<line.count - 2)) }
      if name == .host { return addHost(line.extracting((nameLength + 2)..<line.count - 2)) }
    }
    append(line, nameLength, name)
  }

  private mutating func append(_ line: Span<UInt8>, _ nameLength: Int, _ name: FieldName) {
    guard lines.count < limits.fieldCount else { return refuse(.tooManyFields(limit: limits.fieldCount)) }
    guard hasRoom(line.count) else { return }
    let start = content.count
    write(line)
    let (value, end) = (start + nameLength + 2, content.count)
    var (valueStart, valueEnd) = (nameLength + 2, line.count - 2)
    while valueStart < valueEnd, line[valueStart].isBlank { valueStart += 1 }
    while valueStart < valueEnd, line[valueEnd - 1].isBlank { valueEnd -= 1 }
    lines.append(
      FieldLine(
        name: name, isHopByHop: name.isHopByHop, start: UInt16(start), nameEnd: UInt16(value - 2),
        valueStart: UInt16(start + valueStart), valueEnd: UInt16(start + valueEnd), lineEnd: UInt16(end)))
  }

  private mutating func write(_ piece: Span<UInt8>) { content.append(piece) }

  private mutating func write(_ piece: StaticString) {
    for index in 0..<piece.utf8CodeUnitCount { content.append(piece[index]) }
  }

  /// The complete head.
  var bytes: ByteBuffer {
    var bytes = ByteBufferAllocator().buffer(capacity: content.count + 2)
    bytes.write(content.span)
    bytes.writeStaticString("\r\n")
    return bytes
  }

  /// Whether the head has room for that many more bytes and the empty line.
  private mutating func hasRoom(_ count: Int) -> Bool {
    guard content.count + count + 2 <= limits.headBytes else {
      refuse(.headTooLarge(limit: limits.headBytes))
      return false
    }
    return true
  }

  private mutating func refuse(_ fault: MessageFault) {
    self.fault = fault
    (content, lines, cookies) = ([], [], nil)
    (methodRange, targetRange, hostRange) = (nil, nil, nil)
  }

  private mutating func addCookie(_ value: Span<UInt8>) {
    guard hasRoom(value.count + (cookies?.readableBytes ?? 0) + 12) else { return }
    if cookies == nil {
      cookies = ByteBuffer(staticString: "cookie: ")
    } else {
      cookies?.writeStaticString("; ")
    }
    cookies?.write(value)
  }

  /// `:authority` is written first, and Host must have the same value (RFC 9113 §8.3.1).
  private mutating func addHost(_ value: Span<UInt8>) {
    guard !hasHostField else { return refuse(.host) }
    hasHostField = true
    if let hostRange {
      if !content.span.extracting(hostRange).isSameName(as: value) { refuse(.host) }
    } else {
      writeHost(value)
    }
  }

  private mutating func writeHost(_ value: Span<UInt8>) {
    guard lines.count < limits.fieldCount else { return refuse(.tooManyFields(limit: limits.fieldCount)) }
    guard hasRoom(value.count + 8) else { return }
    let start = content.count
    write("host: ")
    write(value)
    write("\r\n")
    let end = content.count
    hostRange = start + 6..<end - 2
    lines.append(
      FieldLine(
        name: .host, isHopByHop: false, start: UInt16(start), nameEnd: UInt16(start + 4),
        valueStart: UInt16(start + 6), valueEnd: UInt16(end - 2), lineEnd: UInt16(end)))
  }

  /// Completes the head. Call it after the last field.
  mutating func end() {
    guard fault == nil, !isMalformed else { return }
    if var cookies {
      cookies.writeStaticString("\r\n")
      append(cookies.readableBytesUInt8Span, 6, .cookie)
    }
  }
}

// Pseudo-fields (RFC 9113 §8.3): before all fields, and each at most once.
extension FieldSection {
  private var hasFields: Bool { hasHostField || cookies != nil || lines.count > (hasAuthority ? 1 : 0) }

  private mutating func addPseudo(_ value: Span<UInt8>, _ kind: FieldKind) {
    guard !hasFields, role == (kind == .status ? .response : .request) else { return isMalformed = true }
    switch kind {
    case .method: isMalformed = methodRange != nil
    case .path: isMalformed = targetRange != nil || value.isEmpty
    case .scheme: isMalformed = scheme != nil
    case .authority: isMalformed = hasAuthority
    default: isMalformed = status != nil
    }
    guard !isMalformed else { return }
    switch kind {
    case .method: methodRange = writePart(value)
    case .path: targetRange = writePart(value)
    case .scheme: scheme = value.isEqual(to: "https") ? .https : value.isEqual(to: "http") ? .http : .other
    case .authority:
      hasAuthority = true
      writeHost(value)
    default: writeStatus(value)
    }
  }

  private mutating func writePart(_ value: Span<UInt8>) -> Range<Int>? {
    guard hasRoom(value.count + 12) else { return nil }
    let start = content.count
    write(value)
    return start..<content.count
  }

  private mutating func writeStatus(_ digits: Span<UInt8>) {
    var status: UInt16 = 0
    for index in digits.indices where digits[index].isDigit { status = status &* 10 &+ UInt16(digits[index] - 0x30) }
    guard digits.count == 3, (100..<1000).contains(status) else { return isMalformed = true }
    self.status = status
    write("HTTP/1.1 ")
    write(digits)
    let start = content.count
    write(" ")
    content.append(contentsOf: StatusReason.text(status).utf8)
    reasonRange = start..<content.count
    write("\r\n")
  }

  /// Appends an additional line.
  mutating func append(name: StaticString, value: StaticString, kind: FieldName) {
    var line = ByteBuffer(staticString: name)
    line.writeStaticString(": ")
    line.writeStaticString(value)
    line.writeStaticString("\r\n")
    append(line.readableBytesUInt8Span, name.utf8CodeUnitCount, kind)
  }

  /// The first bytes of a pseudo-field, for the log entry of a refused request.
  func text(_ range: Range<Int>?) -> String? {
    range.map { String(decoding: content[$0], as: UTF8.self) }
  }
}
