package import NIOCore

extension SocketAddress {
  /// `127.0.0.1:2222`, `[::1]:2222`.
  package var hostPort: String {
    let host = ipAddress ?? "unknown"
    return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port ?? 0)" : "\(host):\(port ?? 0)"
  }
}
