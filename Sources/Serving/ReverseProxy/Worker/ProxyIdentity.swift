import HTTPMessages

/// By what this proxy knows its own requests again: the `by` of Forwarded (RFC 7239 §5.1), a word of chance.
///
/// Via, which is made for this too, would keep many servers from compressing.
struct ProxyIdentity: Hashable, Sendable {
  let token: String

  init() { token = "_pvescout-" + String(UInt64.random(in: .min ... .max), radix: 36) }

  /// The request went through here before: it would go round for ever.
  func forwarded(_ head: RequestHead) -> Bool {
    guard let list = head.fields.list(of: .forwarded) else { return false }
    return list.contains(token)
  }
}
