import NIOCore
import RouteModel

/// The peer of a client connection, with the forwarding header lines for upstreams.
final class ClientPeer: Sendable {
  /// IP address without a port.
  let address: String
  /// The peer is one of `trusted_proxies`, whose forwarding header fields are accepted.
  let isTrusted: Bool
  let isSecure: Bool
  /// `X-Forwarded-For` and related lines for a client without a trusted proxy. Ends with the quote before the host, which
  /// is quoted because a host with a port is no token (RFC 7239 §4).
  let forwardedLines: ByteBuffer

  var scheme: String { isSecure ? "https" : "http" }

  init(_ address: SocketAddress?, isSecure: Bool, trustedProxies: [IPNetwork], proxy: ProxyIdentity) {
    let text = address?.ipAddress ?? "unknown"
    let ip = IPAddress(text)
    // A dual-stack listener reports IPv4 clients with mapped addresses (RFC 4291 §2.5.5.2).
    let isMapped = ip?.family == .ipv4 && text.utf8.contains(UInt8(ascii: ":"))
    self.address = isMapped ? ip.map { "\($0)" } ?? text : text
    self.isSecure = isSecure
    isTrusted = ip.map { ip in trustedProxies.contains { $0.contains(ip) } } ?? false
    let scheme = isSecure ? "https" : "http"
    forwardedLines = ByteBuffer(
      string: "X-Forwarded-For: \(self.address)\r\nX-Forwarded-Proto: \(scheme)\r\nX-Real-IP: \(self.address)\r\n"
        + "Forwarded: for=\(Self.node(self.address));by=\(proxy.token);proto=\(scheme);host=\"")
  }

  /// RFC 7239 §6: an IPv6 address is written in brackets and quotes.
  static func node(_ address: String) -> String { address.utf8.contains(0x3a) ? "\"[\(address)]\"" : address }
}
