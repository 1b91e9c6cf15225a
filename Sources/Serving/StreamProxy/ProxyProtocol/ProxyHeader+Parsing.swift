package import NIOCore

extension ProxyHeader {
  /// The longest line of version 1, including its CRLF (§2.1).
  static let maxLineLength = 107
  /// The start of every header of version 2 (§2.2).
  static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  /// The limit for addresses and TLVs of version 2; the format allows 64 KiB, but real ones are far smaller.
  static let maxBodyBytes = 4096

  private static let linePrefix = Array("PROXY ".utf8)

  /// Reads a header of either version from the front of `buffer`. Nil, with the buffer unchanged, while more bytes are
  /// needed; what cannot become a header is refused at the first byte that shows it.
  package init?(readingFrom buffer: inout ByteBuffer) throws(ProxyHeaderError) {
    let bytes = buffer.readableBytesView
    if bytes.starts(with: Self.signature) {
      try self.init(binary: &buffer)
    } else if bytes.starts(with: Self.linePrefix) {
      try self.init(line: &buffer)
    } else if Self.signature.starts(with: bytes) || Self.linePrefix.starts(with: bytes) {
      return nil
    } else {
      throw .missing
    }
  }
}

// Version 1 (§2.1): PROXY TCP4 192.0.2.1 192.0.2.2 51000 443\r\n
extension ProxyHeader {
  private init?(line buffer: inout ByteBuffer) throws(ProxyHeaderError) {
    let start = buffer.readableBytesView.prefix(Self.maxLineLength)
    guard let end = start.firstIndex(of: UInt8(ascii: "\r")), end + 1 < start.endIndex else {
      if start.count < Self.maxLineLength { return nil }
      throw .malformed(version: 1, "no end within \(Self.maxLineLength) bytes")
    }
    let text = start[..<end]
    // A NUL would end the text early for parsers of addresses.
    guard start[end + 1] == UInt8(ascii: "\n"), text.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw .malformed(version: 1, "a control character in the line")
    }
    let words = String(decoding: text, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    // The rest of the line after UNKNOWN must be ignored.
    endpoints = words[1] == "UNKNOWN" ? nil : try Self.endpoints(words)
    buffer.moveReaderIndex(forwardBy: text.count + 2)
  }

  private static func endpoints(_ words: [Substring]) throws(ProxyHeaderError) -> Endpoints {
    let families: [Substring: NIOBSDSocket.ProtocolFamily] = ["TCP4": .inet, "TCP6": .inet6]
    guard words.count == 6, let family = families[words[1]] else {
      throw .malformed(version: 1, "wanted TCP4 or TCP6, two addresses and two ports")
    }
    return Endpoints(
      source: try address(words[2], port: words[4], family), destination: try address(words[3], port: words[5], family))
  }

  private static func address(
    _ text: Substring, port: Substring, _ family: NIOBSDSocket.ProtocolFamily
  ) throws(ProxyHeaderError) -> SocketAddress {
    guard let number = UInt16(port), String(number) == port else {
      throw .malformed(version: 1, "port '\(port)' is no number from 0 to 65535")
    }
    guard !text.contains("%"), let address = try? SocketAddress(ipAddress: String(text), port: Int(number)),
      address.protocol == family
    else { throw .malformed(version: 1, "'\(text)' is no address of its family") }
    return address
  }
}

// Version 2 (§2.2): signature, version and command, family and transport, length, addresses, TLVs.
extension ProxyHeader {
  private init?(binary buffer: inout ByteBuffer) throws(ProxyHeaderError) {
    let start = buffer.readerIndex + Self.signature.count
    guard let versionAndCommand = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
    guard versionAndCommand == 0x20 || versionAndCommand == 0x21 else {
      throw .malformed(version: 2, "version and command \(versionAndCommand)")
    }
    guard let kind = buffer.getInteger(at: start + 1, as: UInt8.self) else { return nil }
    guard kind >> 4 <= 3, kind & 0xF <= 2 else {
      throw .malformed(version: 2, "family and transport \(kind)")
    }
    guard let length = buffer.getInteger(at: start + 2, as: UInt16.self).map(Int.init) else { return nil }
    guard length <= Self.maxBodyBytes else { throw .malformed(version: 2, "\(length) bytes of addresses and TLVs") }
    guard var body = buffer.getSlice(at: start + 4, length: length) else { return nil }
    // LOCAL (0x20): the rest must be ignored.
    endpoints = versionAndCommand == 0x20 ? nil : try Self.endpoints(kind: kind, &body)
    buffer.moveReaderIndex(forwardBy: Self.signature.count + 4 + length)
  }

  private static func endpoints(kind: UInt8, _ body: inout ByteBuffer) throws(ProxyHeaderError) -> Endpoints? {
    // An unspecified transport or family, and Unix sockets (family 3), have no usable addresses.
    guard kind & 0xF != 0, kind >> 4 == 1 || kind >> 4 == 2 else { return nil }
    let size = kind >> 4 == 1 ? 4 : 16
    guard let source = body.readSlice(length: size), let destination = body.readSlice(length: size),
      let (sourcePort, destinationPort) = body.readMultipleIntegers(as: (UInt16, UInt16).self),
      let from = try? SocketAddress(packedIPAddress: source, port: Int(sourcePort)),
      let to = try? SocketAddress(packedIPAddress: destination, port: Int(destinationPort))
    else { throw .malformed(version: 2, "too short for its addresses") }
    return Endpoints(source: from, destination: to)
  }
}
