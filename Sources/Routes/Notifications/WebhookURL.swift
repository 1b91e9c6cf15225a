/// The URL of a webhook, in its parts. Path and query may hold a secret and are shown to nobody but the receiver.
package struct WebhookURL: Hashable, Sendable {
  /// Why a text is no such URL; shows nothing of it.
  package struct Invalid: Error, Sendable {
    package var reason: String
  }

  package let scheme: String
  /// Host and port as written.
  let authority: String
  /// With its leading `/`.
  let path: String
  /// With its leading `?`; empty where there is none.
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

  /// Scheme and host: what a log may show.
  package var shown: String { "\(scheme)://\(host)" }

  /// An IPv6 address with its brackets.
  package var host: String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
    return String(authority.prefix { $0 != ":" })
  }

  /// As a request names it, with another path where one is given.
  func text(path: String? = nil) -> String { "\(scheme)://\(authority)\(path ?? self.path)\(query)" }

  private var hasGoodPort: Bool {
    let port = authority.dropFirst(host.count)
    return port.isEmpty || port.hasPrefix(":") && (UInt16(port.dropFirst()).map { $0 > 0 } ?? false)
  }
}
