import NIOCore

/// A request target with a server: `http://host/path` (RFC 9112 §3.2.2). Clients send it to proxies, and every server
/// must accept it.
struct AbsoluteForm {
  /// Replaces the value of Host.
  let authority: Range<Int>
  /// The target in origin form; without its first `/` if there is no path.
  let rest: Range<Int>

  /// Nil if the scheme is neither `http` nor `https`.
  init?(_ target: Range<Int>, of bytes: Span<UInt8>) {
    guard let length = Self.schemeLength(target, of: bytes) else { return nil }
    let start = target.lowerBound + length
    var end = start
    while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") {
      end += 1
    }
    (authority, rest) = (start..<end, end..<target.upperBound)
  }

  private static let schemes = ["http://", "https://"].map { Array($0.utf8) }

  private static func schemeLength(_ target: Range<Int>, of bytes: Span<UInt8>) -> Int? {
    guard !target.isEmpty, bytes[target.lowerBound] | 0x20 == UInt8(ascii: "h") else { return nil }
    for scheme in schemes where begins(target, of: bytes, with: scheme) { return scheme.count }
    return nil
  }

  /// Compares without case: a target has visible characters only, in which one bit distinguishes the cases of a letter.
  private static func begins(_ target: Range<Int>, of bytes: Span<UInt8>, with scheme: [UInt8]) -> Bool {
    guard target.count >= scheme.count else { return false }
    for index in scheme.indices where bytes[target.lowerBound + index] | 0x20 != scheme[index] { return false }
    return true
  }
}

extension RequestHead {
  /// The same request in origin form, with the target's authority as its Host; nil if the target is not in absolute
  /// form.
  func inOriginForm(section: FieldSectionParser) throws(MessageFault) -> RequestHead? {
    let received = fields.bytes.readableBytesUInt8Span
    guard let form = AbsoluteForm(targetRange, of: received) else { return nil }
    var writer = HeadWriter(allocator: ByteBufferAllocator(), capacity: fields.bytes.readableBytes + 1)
    writer.copy(methodRange, of: fields)
    writer.write(" ")
    let isEmpty = form.rest.isEmpty
    if isEmpty, method == .options {
      // RFC 9112 §3.2.4
      writer.write("*")
    } else if isEmpty || received[form.rest.lowerBound] != UInt8(ascii: "/") {
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
