import HTTPMessages

/// A request to switch protocols, such as to WebSocket (RFC 6455 §4.1).
enum UpgradeRequest {
  /// The requested protocol; nil if there is none or it must not be forwarded.
  static func token(of head: RequestHead) -> String? {
    guard head.connection.upgrade, head.minorVersion == 1, head.framing == .none,
      let token = head.fields.list(of: .upgrade)
    else { return nil }
    return isForwardable(token) ? token : nil
  }

  /// HTTP or TLS in a tunnel would carry requests past every check (RFC 9113 §3.1 deprecates the upgrade to `h2c`).
  private static func isForwardable(_ token: String) -> Bool {
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 != UInt8(ascii: ",") }) else { return false }
    let name = token.lowercased()
    return name != "h2c" && name != "h2" && !name.hasPrefix("http/") && !name.hasPrefix("tls/")
  }
}
