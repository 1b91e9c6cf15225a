import NIOCore
import RouteModel

/// Who is at the other end of a client's connection, and what upstreams are told of it.
final class ClientPeer: Sendable {
  /// Without a port.
  let address: String
  /// A proxy of the user's own, whose word on whom it speaks for counts.
  let isTrusted: Bool
  let isSecure: Bool
  /// `X-Forwarded-For` and the like, ready to be sent, for a client that nobody speaks for. Ends in the quotes before the
  /// host: one with a port is no token (RFC 7239 §4).
  let forwardedLines: ByteBuffer

  var scheme: String { isSecure ? "https" : "http" }

  init(_ address: SocketAddress?, isSecure: Bool, trustedProxies: [IPNetwork], proxy: ProxyIdentity) {
    let text = address?.ipAddress ?? "unknown"
    let ip = IPAddress(text)
    // On a dual-stack listener an IPv4 client is a mapped one (RFC 4291 §2.5.5.2).
    let isMapped = ip?.family == .ipv4 && text.utf8.contains(UInt8(ascii: ":"))
    self.address = isMapped ? ip.map { "\($0)" } ?? text : text
    self.isSecure = isSecure
    isTrusted = ip.map { ip in trustedProxies.contains { $0.contains(ip) } } ?? false
    let scheme = isSecure ? "https" : "http"
    forwardedLines = ByteBuffer(
      string: "X-Forwarded-For: \(self.address)\r\nX-Forwarded-Proto: \(scheme)\r\nX-Real-IP: \(self.address)\r\n"
        + "Forwarded: for=\(Self.node(self.address));by=\(proxy.token);proto=\(scheme);host=\"")
  }

  /// RFC 7239 §6: an IPv6 address stands in brackets and quotes.
  static func node(_ address: String) -> String { address.utf8.contains(0x3a) ? "\"[\(address)]\"" : address }
}
