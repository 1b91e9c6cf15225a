import HTTPMessages
import NIOCore
import NIOHPACK

extension HPACKHeaders {
  /// What a response's head says to a client of HTTP/2, without what was meant for the upstream's connection alone.
  ///
  /// - Parameter date: for a response that tells none.
  init(_ head: ResponseHead, date: ResponseDate) {
    let fields = head.fields
    self.init()
    reserveCapacity(fields.lines.count + 2)
    add(name: ":status", value: "\(head.status)")
    // RFC 9110 §8.6
    var keepsLength = head.contentLength != nil && head.status >= 200 && head.status != 204
    // An interim response has none (RFC 9110 §6.6.1).
    var isDated = head.status < 200
    for line in fields.lines where !line.isHopByHop {
      isDated = isDated || line.name == .date
      if line.name == .contentLength {
        // One that repeats itself is sent once.
        defer { keepsLength = false }
        if !keepsLength { continue }
      }
      add(line, of: fields)
    }
    if !isDated { add(name: "date", value: date.text) }
  }

  /// What a request's head, as ``RequestEncoder`` writes it, says to an upstream of HTTP/2 (RFC 9113 §8.3.1).
  ///
  /// - Parameter takesTrailers: the client does; gRPC asks for that.
  init(_ head: RequestHead, takesTrailers: Bool) {
    let fields = head.fields
    self.init()
    reserveCapacity(fields.lines.count + 4)
    add(name: ":method", value: head.methodName)
    add(name: ":scheme", value: "http")
    add(name: ":authority", value: head.host)
    add(name: ":path", value: head.target)
    for line in fields.lines where !line.isHopByHop && line.name != .host { add(line, of: fields) }
    if takesTrailers { add(name: "te", value: "trailers") }
  }

  /// Trailers, without those that frame or route (RFC 9110 §6.5.1).
  init(trailers: HeadFields) {
    self.init()
    for line in trailers.lines where !line.isHopByHop && !line.name.isBarredFromTrailers { add(line, of: trailers) }
  }

  private mutating func add(_ line: FieldLine, of fields: HeadFields) {
    add(name: fields.name(of: line).lowercased(), value: fields.value(of: line))
  }
}

extension RequestHead {
  /// The request that a header section of HTTP/2 makes, as HTTP/1.1 says it (RFC 9113 §8.3.1); judged as strictly.
  ///
  /// - Parameter hasBody: the section does not end the stream.
  init(_ headers: HPACKHeaders, hasBody: Bool, limits: MessageLimits) throws(MessageFault) {
    try self.init(try MessageText(request: headers, hasBody: hasBody).bytes, limits: limits)
  }
}

extension HeadFields {
  /// The trailers of a request or response.
  init(_ trailers: HPACKHeaders, limits: MessageLimits) throws(MessageFault) {
    var text = MessageText()
    for (name, value, _) in trailers { try text.write(name, value) }
    text.end()
    try self.init(section: text.bytes, limits: limits)
  }
}

extension ResponseHead {
  /// The response that a header section of HTTP/2 makes, as HTTP/1.1 says it; judged as strictly.
  ///
  /// - Parameter isEmpty: no body follows, and one could have; so that nobody waits for one.
  init(_ headers: HPACKHeaders, isEmpty: Bool, limits: MessageLimits) throws(MessageFault) {
    try self.init(try MessageText(response: headers, isEmpty: isEmpty).bytes, limits: limits)
  }
}

/// Writes a header section of HTTP/2 as lines of HTTP/1.1.
private struct MessageText {
  private(set) var bytes = ByteBuffer()

  init() {}

  init(response headers: HPACKHeaders, isEmpty: Bool) throws(MessageFault) {
    guard let text = headers.first(name: ":status"), let status = UInt16(text), (100..<1000).contains(status) else {
      throw .startLine
    }
    bytes.writeString("HTTP/1.1 \(status) \(StatusReason.text(status))\r\n")
    for (name, value, _) in headers where !name.hasPrefix(":") { try write(name, value) }
    if isEmpty, status >= 200, status != 204, status != 304, !headers.contains(name: "content-length") {
      try write("content-length", "0")
    }
    end()
  }

  init(request headers: HPACKHeaders, hasBody: Bool) throws(MessageFault) {
    let host = try host(of: headers)
    try writeLine(of: headers)
    try write("host", host)
    var cookies: [String] = []
    var hasLength = false
    for (name, value, _) in headers where !name.hasPrefix(":") && name != "host" {
      hasLength = hasLength || name == "content-length"
      if name == "cookie" { cookies.append(value) } else { try write(name, value) }
    }
    // In HTTP/2 each crumb may be a field of its own (RFC 9113 §8.2.3).
    if !cookies.isEmpty { try write("cookie", cookies.joined(separator: "; ")) }
    if hasBody, !hasLength { try write("transfer-encoding", "chunked") }
    end()
  }

  /// A connection with TLS serves `https` alone; CONNECT has neither scheme nor path.
  private mutating func writeLine(of headers: HPACKHeaders) throws(MessageFault) {
    guard let method = headers.first(name: ":method"), let path = headers.first(name: ":path") else { throw .target }
    guard headers.first(name: ":scheme") == "https" else { throw .scheme }
    try check(method)
    try check(path)
    bytes.writeString("\(method) \(path) HTTP/1.1\r\n")
  }

  /// `:authority` goes first, and Host must say the same (RFC 9113 §8.3.1).
  private func host(of headers: HPACKHeaders) throws(MessageFault) -> String {
    let (authority, hosts) = (headers.first(name: ":authority"), headers["host"])
    guard let host = authority ?? hosts.first, hosts.count <= 1,
      hosts.allSatisfy({ $0.lowercased() == host.lowercased() })
    else { throw .host }
    return host
  }

  mutating func write(_ name: String, _ value: String) throws(MessageFault) {
    try check(value)
    bytes.writeString("\(name): \(value)\r\n")
  }

  mutating func end() { bytes.writeStaticString("\r\n") }

  /// In HTTP/1.1 these bytes would end the line, and begin another one.
  private func check(_ text: String) throws(MessageFault) {
    if text.utf8.contains(where: { $0 == 0x0d || $0 == 0x0a || $0 == 0 }) { throw .fieldLine }
  }
}
