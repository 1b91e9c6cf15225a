import ProxmoxAPI
import YAMLDocument

/// Reads the agent's credentials for a cluster: an API token, or a user with a password. No message contains a secret.
struct CredentialsReader {
  let entry: YAMLMapping
  let context: ConfigurationContext

  private static let tokenKeys = ["token_id", "token_secret", "token_secret_file"]
  private static let loginKeys = ["username", "password", "password_file", "realm"]

  func read() -> ProxmoxCredentials? {
    let (token, login) = (entry.accept(Self.tokenKeys), entry.accept(Self.loginKeys))
    if let first = token.first, let second = login.first {
      context.reader.report(
        "'\(first.key)' and '\(second.key)' are two ways to log in: keep the token or the user", at: second.position)
      return nil
    }
    if !token.isEmpty { return self.token() }
    if !login.isEmpty { return self.login() }
    context.reader.report(
      "no credentials: give token_id and token_secret_file, or username and password_file", at: entry.position)
    return nil
  }

  private func token() -> ProxmoxCredentials? {
    entry.reportMissing("token_id", ": the 'full-tokenid' that 'pveum user token add' printed")
    let id = entry.text("token_id").flatMap(checkedTokenID)
    let secret = SecretReader(inline: "token_secret", file: "token_secret_file", kind: .proxmoxToken, context: context)
      .read(entry)
    guard let id, let secret else { return nil }
    return .token(id: id, secret: secret)
  }

  private func checkedTokenID(_ text: YAMLText) -> String? {
    guard let reason = TokenID.problem(with: text.value) else { return text.value }
    context.reader.report("token_id \(reason)", at: text.position)
    return nil
  }

  private func login() -> ProxmoxCredentials? {
    entry.reportMissing("username", ", such as pvescout@pve")
    let username = entry.text("username").flatMap(fullUsername)
    let password = SecretReader(inline: "password", file: "password_file", kind: .password, context: context).read(
      entry)
    guard let username, let password else { return nil }
    return .password(username: username, password: password)
  }

  /// The user with its realm, which is either after the `@` or in `realm:`.
  private func fullUsername(_ text: YAMLText) -> String? {
    let realm = entry.text("realm")
    let parts = text.value.split(separator: "@", omittingEmptySubsequences: false)
    guard !text.value.contains(where: \.isWhitespace), parts.allSatisfy({ !$0.isEmpty }), parts.count <= 2 else {
      context.reader.report("username must be USER@REALM, such as root@pam", at: text.position)
      return nil
    }
    if parts.count == 2, let realm, realm.value != parts[1] {
      context.reader.report(
        "realm is '\(realm.written)', but username says '\(parts[1])': keep one", at: realm.position)
      return nil
    }
    if parts.count == 2 { return text.value }
    if let realm, !realm.value.isEmpty { return "\(text.value)@\(realm.value)" }
    context.reader.report("username has no realm: write \(text.written)@pam, @pve, or add 'realm'", at: text.position)
    return nil
  }
}

/// The format of a token's name: `USER@REALM!TOKENID` (PVE's formats `pve-userid` and `pve-tokenid`).
enum TokenID {
  /// Describes what is wrong with a text, to follow `token_id`; nil if it is valid. The text may contain a secret.
  static func problem(with text: String) -> String? {
    if text.hasPrefix("PVEAPIToken=") || text.contains("=") {
      return "holds the secret, too: keep only the part before the last '=', the rest belongs into token_secret_file"
    }
    let form = "must be USER@REALM!TOKENID, such as pvescout@pve!agent"
    let halves = text.split(separator: "!", omittingEmptySubsequences: false)
    guard halves.count == 2 else {
      return halves.count == 1 ? "\(form): there is no '!'" : "\(form): there are two '!'"
    }
    let user = halves[0].split(separator: "@", omittingEmptySubsequences: false)
    guard user.count >= 2 else { return "\(form): there is no '@' before the '!'" }
    guard (user + [halves[1]]).allSatisfy({ !$0.isEmpty && $0.allSatisfy { !$0.isWhitespace && !":/".contains($0) } })
    else { return form }
    return nil
  }
}
