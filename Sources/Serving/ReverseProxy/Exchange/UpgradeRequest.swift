import HTTPMessages

/// A request to switch protocols, such as to WebSocket (RFC 6455 §4.1).
enum UpgradeRequest {
  /// The protocol that is asked for; nil where none is, or none that may be let through.
  static func token(of head: RequestHead) -> String? {
    guard head.connection.upgrade, head.minorVersion == 1, head.framing == .none,
      let token = head.fields.list(of: .upgrade)
    else { return nil }
    return isForwardable(token) ? token : nil
  }

  /// A protocol that is HTTP or TLS again would carry requests past every check (RFC 9113 §3.1 withdrew `h2c`).
  private static func isForwardable(_ token: String) -> Bool {
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 != UInt8(ascii: ",") }) else { return false }
    let name = token.lowercased()
    return name != "h2c" && name != "h2" && !name.hasPrefix("http/") && !name.hasPrefix("tls/")
  }
}
