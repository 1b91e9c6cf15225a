import NIOCore

extension RequestHead {
  /// Makes a request from a field section, as strictly as in HTTP/1.1 (RFC 9113 §8.3.1).
  ///
  /// - Parameter hasBody: the section does not end the stream.
  init(_ section: FieldSection, hasBody: Bool, isSecure: Bool) throws(MessageFault) {
    if let fault = section.fault { throw fault }
    guard let methodRange = section.methodRange, let targetRange = section.targetRange else { throw .target }
    guard section.scheme == (isSecure ? .https : .http) else { throw .scheme }
    let head = section.bytes
    let parts = try Parsed(head.readableBytesUInt8Span, section, methodRange, targetRange)
    let framing: BodyFraming
    switch (parts.length, hasBody) {
    case (nil, true): framing = .chunked
    case (nil, false), (0, _): framing = .none
    case (let length?, true): framing = .length(length)
    // RFC 9113 §8.1.1
    case (_?, false): throw .contentLength
    }
    self.init(
      fields: HeadFields(bytes: head, lines: section.lines), method: parts.method, minorVersion: 1,
      framing: framing, connection: ConnectionOptions(), startLineRange: nil, methodRange: methodRange,
      targetRange: targetRange, hostRange: parts.hostRange)
  }

  private struct Parsed {
    let method: RequestMethod
    let hostRange: Range<Int>
    let length: UInt64?

    init(
      _ bytes: Span<UInt8>, _ section: FieldSection, _ methodRange: Range<Int>, _ targetRange: Range<Int>
    ) throws(MessageFault) {
      let name = bytes.extracting(methodRange)
      guard !name.isEmpty, name.allSatisfy(\.isTokenCharacter) else { throw .startLine }
      method = RequestMethod(name)
      try Self.check(bytes.extracting(targetRange), of: method)
      guard !section.lines.contains(where: { $0.name == .doubtfulFraming }) else { throw .doubtfulFraming }
      length = try FramingFields(section.lines, bytes, toleratesRepetition: false).length
      guard let range = section.hostRange, HostField.isValid(bytes.extracting(range)) else {
        throw .host
      }
      hostRange = range
    }

    /// Accepts a path, or `*` for OPTIONS.
    private static func check(_ target: Span<UInt8>, of method: RequestMethod) throws(MessageFault) {
      for index in target.indices where !target[index].isTargetCharacter {
        throw target[index] >= 0x80 ? .targetCharacter : .startLine
      }
      if !target.isEmpty, target[0] == UInt8(ascii: "/"), method != .connect { return }
      guard target.isEqual(to: "*"), method == .options else { throw .target }
    }
  }
}

extension ResponseHead {
  /// Makes a response from a field section, as strictly as in HTTP/1.1.
  ///
  /// - Parameter isEmpty: the stream ends here although the response could have a body, so that the client does not
  ///   wait for one.
  init(_ section: FieldSection, isEmpty: Bool) throws(MessageFault) {
    var section = section
    if let fault = section.fault { throw fault }
    guard let status = section.status, !section.isMalformed else { throw .startLine }
    if isEmpty, status >= 200, status != 204, status != 304,
      !section.lines.contains(where: { $0.name == .contentLength })
    {
      section.append(name: "content-length", value: "0", kind: .contentLength)
      if let fault = section.fault { throw fault }
    }
    let head = section.bytes
    let framing = try FramingFields(section.lines, head.readableBytesUInt8Span, toleratesRepetition: true)
    self.init(
      fields: HeadFields(bytes: head, lines: section.lines), status: status, minorVersion: 1,
      connection: ConnectionOptions(), reasonRange: section.reasonRange, framingFields: framing)
  }
}

extension HeadFields {
  /// Makes trailers from a field section; nil if it contains fields that trailers may not have.
  init?(_ section: FieldSection) {
    guard section.fault == nil, !section.isMalformed else { return nil }
    self.init(bytes: section.bytes, lines: section.lines)
  }
}
