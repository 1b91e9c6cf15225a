package import NIOCore
package import RouteModel

extension ProxyHeader {
  /// Writes the header that an upstream receives before the first byte.
  package func write(to buffer: inout ByteBuffer, version: ProxyProtocolVersion) {
    let pair = endpoints.flatMap(AddressPair.init)
    switch version {
    case .v1: buffer.writeString(pair?.line ?? "PROXY UNKNOWN\r\n")
    case .v2:
      buffer.writeBytes(Self.signature)
      if let pair { pair.write(to: &buffer) } else { buffer.writeMultipleIntegers(UInt8(0x20), UInt8(0), UInt16(0)) }
    }
  }
}

/// Two addresses of one family, as both versions require: if one is IPv4 and the other IPv6, the IPv4 one is mapped
/// (RFC 4291 §2.5.5.2). If both are mapped, as on a dual-stack listener, both become plain IPv4 addresses.
private struct AddressPair {
  let isIPv4: Bool
  let source: SocketAddress
  let destination: SocketAddress

  /// Nil for Unix sockets, which have no address.
  init?(_ endpoints: ProxyHeader.Endpoints) {
    let (source, destination) = (Self.unmapped(endpoints.source), Self.unmapped(endpoints.destination))
    isIPv4 = source.protocol == .inet && destination.protocol == .inet
    guard let from = isIPv4 ? source : Self.mapped(source), let to = isIPv4 ? destination : Self.mapped(destination)
    else { return nil }
    (self.source, self.destination) = (from, to)
  }

  private static func mapped(_ address: SocketAddress) -> SocketAddress? {
    switch address {
    case .v6: address
    case .v4: try? SocketAddress(ipAddress: "::ffff:\(address.ipAddress ?? "")", port: address.port ?? 0)
    case .unixDomainSocket: nil
    }
  }

  private static func unmapped(_ address: SocketAddress) -> SocketAddress {
    guard case .v6 = address, let ip = IPAddress(address.ipAddress ?? ""), ip.family == .ipv4 else { return address }
    return (try? SocketAddress(ipAddress: "\(ip)", port: address.port ?? 0)) ?? address
  }

  var line: String {
    // A zone (fe80::1%eth0) has no meaning on another machine.
    let (from, to) = (Self.withoutZone(source), Self.withoutZone(destination))
    return "PROXY \(isIPv4 ? "TCP4" : "TCP6") \(from) \(to) \(source.port ?? 0) \(destination.port ?? 0)\r\n"
  }

  private static func withoutZone(_ address: SocketAddress) -> Substring {
    (address.ipAddress ?? "").prefix { $0 != "%" }
  }

  /// PROXY over TCP, with 12 or 36 bytes of addresses.
  func write(to buffer: inout ByteBuffer) {
    buffer.writeMultipleIntegers(UInt8(0x21), UInt8(isIPv4 ? 0x11 : 0x21), UInt16(isIPv4 ? 12 : 36))
    Self.writeAddress(source, to: &buffer)
    Self.writeAddress(destination, to: &buffer)
    buffer.writeMultipleIntegers(UInt16(source.port ?? 0), UInt16(destination.port ?? 0))
  }

  /// Writes an address in network byte order, from `sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)).
  private static func writeAddress(_ address: SocketAddress, to buffer: inout ByteBuffer) {
    let place = address.protocol == .inet ? 4..<8 : 8..<24
    address.withSockAddr { socketAddress, size in
      let bytes = UnsafeRawBufferPointer(start: socketAddress, count: size)
      _ = buffer.writeBytes(bytes[place])
    }
  }
}
