package import NIOCore

extension SocketAddress {
  /// A literal address, as formatted by getnameinfo(3), with an optional zone after `%` (RFC 4007 §11).
  package init?(numeric text: String, port: Int) {
    let isZoned = text.utf8.contains(UInt8(ascii: "%"))
    // A literal needs no lookup, so this does not block.
    let address =
      isZoned
      ? try? SocketAddress.makeAddressResolvingHost(text, port: port)
      : try? SocketAddress(ipAddress: text, port: port)
    guard let address else { return nil }
    self = address
  }

  /// `127.0.0.1:2222`, `[::1]:2222`.
  package var hostPort: String {
    let host = ipAddress ?? "unknown"
    return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port ?? 0)" : "\(host):\(port ?? 0)"
  }
}
