import NIOCore
import RouteModel
import ServerSockets
import Testing

@testable import StreamProxy

@Suite struct ProxyHeaderTests {
  private static let v2 = ProxyHeader.signature

  private func endpoints(_ source: String, _ sourcePort: Int, _ destination: String, _ port: Int) throws
    -> ProxyHeader.Endpoints
  {
    ProxyHeader.Endpoints(
      source: try SocketAddress(ipAddress: source, port: sourcePort),
      destination: try SocketAddress(ipAddress: destination, port: port))
  }

  private func read(_ bytes: some Sequence<UInt8>) throws -> (header: ProxyHeader?, rest: [UInt8]) {
    var buffer = ByteBuffer(bytes: bytes)
    let header = try ProxyHeader(readingFrom: &buffer)
    return (header, Array(buffer.readableBytesView))
  }

  @Test(
    arguments: [
      ("PROXY TCP4 192.0.2.1 198.51.100.2 51000 443\r\n", "192.0.2.1", 51000, "198.51.100.2", 443),
      ("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0", 0, "255.255.255.255", 65535),
      ("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "2001:db8::1", 1, "::1", 2),
      ("PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 2\r\n", "::ffff:192.0.2.1", 1, "2001:db8::2", 2),
    ])
  func readsLines(_ line: String, _ source: String, _ sourcePort: Int, _ destination: String, _ port: Int) throws {
    let (header, rest) = try read((line + "GET").utf8)
    #expect(header == ProxyHeader(try endpoints(source, sourcePort, destination, port)))
    #expect(rest == Array("GET".utf8))
  }

  @Test(arguments: ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 x y z\r\n"])
  func readsThatASenderDoesNotKnow(_ line: String) throws {
    let (header, rest) = try read(line.utf8)
    #expect(header == ProxyHeader() && rest.isEmpty)
  }

  @Test(
    arguments: [
      "PROXY TCP4 192.0.2.1 198.51.100.2 51000\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 51000 443 1\r\n",
      "PROXY TCP4 192.0.2.1  198.51.100.2 51000 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 51000 65536\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.2 051 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 +51 443\r\n",
      "PROXY TCP4 192.0.2 198.51.100.2 51 443\r\n", "PROXY TCP4 2001:db8::1 ::1 51 443\r\n",
      "PROXY TCP6 192.0.2.1 198.51.100.2 51 443\r\n", "PROXY TCP6 fe80::1%lo ::1 51 443\r\n",
      "PROXY TCP4 name 198.51.100.2 51 443\r\n", "PROXY UDP4 192.0.2.1 198.51.100.2 51 443\r\n",
      "PROXY tcp4 192.0.2.1 198.51.100.2 51 443\r\n", "PROXY TCP4 192.0.2.1\u{0} 198.51.100.2 51 443\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.2 51 443\n\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 51 443\r \n",
      "PROXY  TCP4 192.0.2.1 198.51.100.2 51 443\r\n", "PROXY \r\n",
      "PROXY UNKNOWN " + String(repeating: "x", count: 100),
    ])
  func refusesMalformedLines(_ line: String) {
    #expect(throws: ProxyHeaderError.self) { try read(line.utf8) }
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n", "PROXx", "proxy ", "\r\n\r\n\u{0}\r\nQUIX", "\u{16}\u{3}\u{1}"])
  func refusesWhatIsNoHeaderWithItsFirstStrangeByte(_ text: String) {
    #expect(throws: ProxyHeaderError.missing) { try read(text.utf8) }
  }

  static let binary: [([UInt8], source: String, destination: String)] = [
    (
      v2 + [0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 2, 0xC7, 0x38, 0x01, 0xBB], "192.0.2.1:51000",
      "198.51.100.2:443"
    ),
    // Two TLVs after the addresses, of which the second is malformed.
    (
      v2 + [0x21, 0x12, 0, 20, 192, 0, 2, 1, 198, 51, 100, 2, 0, 1, 0, 2, 4, 0, 1, 0, 0xEA, 0xFF, 0xFF, 9],
      "192.0.2.1:1", "198.51.100.2:2"
    ),
    (
      v2 + [0x21, 0x21, 0, 36] + [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
        + [UInt8](repeating: 0, count: 15) + [1, 0, 7, 0, 8], "[2001:db8::1]:7", "[::1]:8"
    ),
  ]

  @Test(arguments: binary.indices)
  func readsBytes(_ index: Int) throws {
    let (bytes, source, destination) = Self.binary[index]
    let (header, rest) = try read(bytes + [1, 2])
    #expect(header?.endpoints?.source.hostPort == source && header?.endpoints?.destination.hostPort == destination)
    #expect(rest == [1, 2])
  }

  /// LOCAL with and without addresses, an unspecified family and transport, Unix sockets.
  @Test(
    arguments: [
      [0x20, 0, 0, 0], [0x20, 0x11, 0, 2, 9, 9], [0x21, 0, 0, 0], [0x21, 0x10, 0, 1, 7], [0x21, 0x01, 0, 0],
      [0x21, 0x31, 0, 216] + [UInt8](repeating: 65, count: 216),
    ])
  func readsHeadersWithoutAddresses(_ bytes: [UInt8]) throws {
    let (header, rest) = try read(Self.v2 + bytes + [5])
    #expect(header == ProxyHeader() && rest == [5])
  }

  @Test(
    arguments: [
      [0x11], [0x31], [0x22], [0x2F], [0x21, 0x13], [0x21, 0x41], [0x20, 0xF1], [0x21, 0x11, 0x10, 0x01],
      [0x21, 0x11, 0, 11] + [UInt8](repeating: 0, count: 11), [0x21, 0x21, 0, 12] + [UInt8](repeating: 0, count: 12),
    ])
  func refusesMalformedBytes(_ bytes: [UInt8]) {
    #expect(throws: ProxyHeaderError.self) { try read(Self.v2 + bytes) }
  }

  /// However it is split, a header is complete exactly when its last byte has arrived.
  @Test(arguments: [ProxyProtocolVersion.v1, .v2], ["192.0.2.1", "2001:db8::1"])
  func waitsForTheWholeHeader(_ version: ProxyProtocolVersion, _ source: String) throws {
    let sent = ProxyHeader(try endpoints(source, 51000, source, 443))
    var written = ByteBuffer()
    sent.write(to: &written, version: version)
    let bytes = Array(written.readableBytesView)
    for count in bytes.indices {
      let (header, rest) = try read(bytes.prefix(count))
      #expect(header == nil && rest.count == count)
    }
    #expect(try read(bytes).header == sent)
  }

  @Test func writesLines() throws {
    var buffer = ByteBuffer()
    ProxyHeader(try endpoints("192.0.2.1", 51000, "198.51.100.2", 443)).write(to: &buffer, version: .v1)
    ProxyHeader(try endpoints("192.0.2.1", 1, "2001:db8::1", 2)).write(to: &buffer, version: .v1)
    ProxyHeader().write(to: &buffer, version: .v1)
    #expect(
      String(buffer: buffer) == "PROXY TCP4 192.0.2.1 198.51.100.2 51000 443\r\n"
        + "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\nPROXY UNKNOWN\r\n")
  }

  /// IPv4 addresses as seen by a listener on `[::]`.
  @Test func writesMappedAddressesAsIPv4() throws {
    let (source, destination) = ("::ffff:192.0.2.1", "::ffff:198.51.100.2")
    var buffer = ByteBuffer()
    ProxyHeader(try endpoints(source, 51000, destination, 443)).write(to: &buffer, version: .v1)
    ProxyHeader(try endpoints(source, 1, "198.51.100.2", 2)).write(to: &buffer, version: .v1)
    ProxyHeader(try endpoints(source, 1, "2001:db8::1", 2)).write(to: &buffer, version: .v1)
    #expect(
      String(buffer: buffer) == "PROXY TCP4 192.0.2.1 198.51.100.2 51000 443\r\n"
        + "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\nPROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n")
    buffer.clear()
    ProxyHeader(try endpoints(source, 51000, destination, 443)).write(to: &buffer, version: .v2)
    #expect(Array(buffer.readableBytesView) == Self.binary[0].0)
  }

  @Test func writesBytes() throws {
    var buffer = ByteBuffer()
    ProxyHeader(try endpoints("192.0.2.1", 51000, "198.51.100.2", 443)).write(to: &buffer, version: .v2)
    #expect(Array(buffer.readableBytesView) == Self.binary[0].0)
    buffer.clear()
    ProxyHeader(try endpoints("2001:db8::1", 7, "::1", 8)).write(to: &buffer, version: .v2)
    #expect(Array(buffer.readableBytesView) == Self.binary[2].0)
    buffer.clear()
    ProxyHeader(
      .init(
        source: try SocketAddress(unixDomainSocketPath: "/a"),
        destination: try SocketAddress(unixDomainSocketPath: "/b"))
    ).write(to: &buffer, version: .v2)
    #expect(Array(buffer.readableBytesView) == Self.v2 + [0x20, 0, 0, 0])
  }
}
