import HTTPMessages

/// By what this proxy knows its own requests again: the `by` of Forwarded (RFC 7239 §5.1), a word of chance.
///
/// Via, which is made for this too, would keep many servers from compressing.
struct ProxyIdentity: Hashable, Sendable {
  let token: String

  private static let prefix = "_pvescout-"

  init() { token = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 36) }

  /// Whether a `by` is that of some pvescout.
  static func isToken(_ text: String) -> Bool {
    text.hasPrefix(prefix) && (1...13).contains(text.utf8.count - prefix.utf8.count)
      && text.utf8.dropFirst(prefix.utf8.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
  }

  /// The request went through here before: it would go round for ever.
  func forwarded(_ head: RequestHead) -> Bool {
    guard let list = head.fields.list(of: .forwarded) else { return false }
    return list.contains(token)
  }
}
