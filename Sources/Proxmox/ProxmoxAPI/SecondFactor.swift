/// Gets the code of a second factor from a person. Throws ``ProxmoxError/unauthorized(_:)`` if there is none.
package typealias SecondFactor = @Sendable () async throws(ProxmoxError) -> OneTimeCode

/// A code for the second step of a login.
package struct OneTimeCode: Hashable, Sendable {
  /// The kind and the code, as PVE wants it in place of the password: `totp:123456`.
  let answer: String

  /// Six to eight digits, as authenticators show them, are a TOTP code; any other text is a recovery key. Nil for an
  /// empty text, and for one that is longer than any of these.
  package init?(_ text: String) {
    let code = text.filter { !$0.isWhitespace }
    guard !code.isEmpty, code.utf8.count <= 64 else { return nil }
    let isTOTP = (6...8).contains(code.utf8.count) && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
    answer = (isTOTP ? "totp:" : "recovery:") + code
  }
}
