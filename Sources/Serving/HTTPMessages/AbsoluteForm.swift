import NIOCore

/// A request target that names the server, too: `http://host/path` (RFC 9112 §3.2.2). Proxies are sent it, and every server
/// must accept it.
struct AbsoluteForm {
  /// What replaces the value of Host.
  let authority: Range<Int>
  /// The target in origin form; without its first `/` where there is no path.
  let rest: Range<Int>

  /// Nil if the target is none of `http` or `https`.
  init?(_ target: Range<Int>, of bytes: UnsafeRawBufferPointer) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[target])
    guard let scheme = Self.schemes.first(where: { Self.begins(text, with: $0) }) else { return nil }
    let start = target.lowerBound + scheme.utf8CodeUnitCount
    var end = start
    while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
    (authority, rest) = (start..<end, end..<target.upperBound)
  }

  private static let schemes: [StaticString] = ["http://", "https://"]

  private static func begins(_ text: UnsafeRawBufferPointer, with scheme: StaticString) -> Bool {
    let length = scheme.utf8CodeUnitCount
    return text.count >= length && UnsafeRawBufferPointer(rebasing: text[..<length]).equals(lowercased: scheme)
  }
}

extension RequestHead {
  /// The same request in origin form, with the target's authority as its Host; nil if the target names no server.
  func inOriginForm(section: FieldSectionParser) throws(MessageFault) -> RequestHead? {
    guard let form = fields.withBytes({ AbsoluteForm(targetRange, of: $0) }) else { return nil }
    var writer = HeadWriter(allocator: ByteBufferAllocator(), capacity: fields.bytes.readableBytes + 1)
    writer.copy(methodRange, of: fields)
    writer.write(" ")
    let isEmpty = form.rest.isEmpty
    if isEmpty, method == .options {
      // RFC 9112 §3.2.4
      writer.write("*")
    } else if isEmpty || fields.withBytes({ $0[form.rest.lowerBound] }) != UInt8(ascii: "/") {
      writer.write("/")
    }
    writer.copy(form.rest, of: fields)
    writer.write(minorVersion == 1 ? " HTTP/1.1\r\nHost: " : " HTTP/1.0\r\nHost: ")
    writer.copy(form.authority, of: fields)
    writer.write("\r\n")
    writer.copyLines(of: fields) { $0.name != .host }
    writer.end()
    return try RequestHead(writer.bytes, section: section)
  }
}
