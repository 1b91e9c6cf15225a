/// The URL of a webhook, in parts. The path and query may contain a secret and are shown only to the receiver.
package struct WebhookURL: Hashable, Sendable {
  /// Why a text is not a valid URL; contains nothing of it.
  package struct Invalid: Error, Sendable {
    package var reason: String
  }

  package let scheme: String
  /// The host and port as written.
  let authority: String
  /// Includes the leading `/`.
  let path: String
  /// Includes the leading `?`; empty if there is no query.
  let query: String

  package init(_ text: String) throws(Invalid) {
    guard let colon = text.firstRange(of: "://") else { throw Invalid(reason: "has no scheme: write https://…") }
    scheme = text[..<colon.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else { throw Invalid(reason: "must begin with https:// or http://") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw Invalid(
        reason:
          "holds spaces or other characters that no URL has: percent-encode them, and write the host as DNS has it, "
          + "xn--…")
    }
    let rest = text[colon.upperBound...].prefix { $0 != "#" }
    authority = String(rest.prefix { $0 != "/" && $0 != "?" })
    if authority.contains("@") {
      throw Invalid(reason: "holds a user name: put the credentials into token_file or headers")
    }
    let behind = rest.dropFirst(authority.count)
    let path = behind.prefix { $0 != "?" }
    self.path = path.isEmpty ? "/" : String(path)
    query = String(behind.dropFirst(path.count))
    guard !host.isEmpty, hasGoodPort else { throw Invalid(reason: "names no host: wanted https://HOST[:PORT]/…") }
  }

  /// The scheme and host, which are safe to log.
  package var shown: String { "\(scheme)://\(host)" }

  /// An IPv6 address keeps its brackets.
  package var host: String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
    return String(authority.prefix { $0 != ":" })
  }

  /// The URL for a request, optionally with another path.
  func text(path: String? = nil) -> String { "\(scheme)://\(authority)\(path ?? self.path)\(query)" }

  private var hasGoodPort: Bool {
    let port = authority.dropFirst(host.count)
    return port.isEmpty || port.hasPrefix(":") && (UInt16(port.dropFirst()).map { $0 > 0 } ?? false)
  }
}
