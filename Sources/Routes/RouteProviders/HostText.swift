import RouteModel

/// Parses hosts in route files: a name or an address, and nothing else.
package enum HostText {
  /// The host, without the optional brackets of an IPv6 address.
  static func parse(_ text: String) throws(InvalidUpstream) -> String {
    if text.contains("://") {
      throw InvalidUpstream(reason: "holds a scheme: write the name or address alone, and 'scheme' beside it")
    }
    if text.contains("/") { throw InvalidUpstream(reason: "holds a '/': write the name or address alone") }
    if let address = IPAddress(text) {
      // connect(2) needs an interface for such an address, and an upstream has none.
      if address.isLinkLocal, address.family == .ipv6 {
        throw InvalidUpstream(
          reason: "is a link-local address, which is reached through one interface only: give another address of it")
      }
      return text.filter { $0 != "[" && $0 != "]" }
    }
    if isName(text) { return text }
    if let colon = text.lastIndex(of: ":"), isName(String(text[..<colon])) || IPAddress(text[..<colon]) != nil {
      throw InvalidUpstream(reason: "holds a port: write it into 'port'")
    }
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw InvalidUpstream(reason: "is not ASCII: write the form of the name that DNS has, xn--…")
    }
    throw InvalidUpstream(reason: "is neither a host name nor an IP address")
  }

  /// Whether a text is a valid DNS name (RFC 1123 §2.1, plus `_`, which is in common use), not an address.
  package static func isName(_ text: String) -> Bool {
    let labels = (text.hasSuffix(".") ? text.dropLast() : text[...]).split(
      separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 253, labels.allSatisfy(isLabel), let last = labels.last else { return false }
    // `10.0.0.300` is a mistyped address.
    return labels.count == 1 || !last.allSatisfy(\.isNumber)
  }

  private static func isLabel(_ label: Substring) -> Bool {
    !label.isEmpty && label.utf8.count <= 63
      && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }
  }
}
