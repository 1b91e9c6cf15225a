import ProxmoxAPI

/// Judges PVE's answer to the credentials. PVE uses the same words for a missing token, a wrong secret, an expired
/// token and a disabled user, so the cause has to be looked up on the node.
struct LoginCheck {
  let principal: Principal
  /// The agent's clock, in seconds since 1970.
  let now: Int

  private static let noticeTime = 14 * 86_400

  private var topic: String { principal.token == nil ? "login" : "token" }
  private var name: String { principal.token ?? principal.user }
  private var user: String { ShellWord.quote(principal.user) }
  private var tokenName: String { ShellWord.quote(principal.tokenName ?? "") }

  /// - Parameters:
  ///   - endpoint: the endpoint that answered.
  ///   - account: PVE's data of the user; nil if it is not available.
  func accepted(by endpoint: String, version: String, account: UserAccount?) -> Finding {
    let end = expiry(account)
    let found = "\(endpoint) (PVE \(version)) accepts \(name)\(separation(account))"
    guard let end else { return .ok(topic, found) }
    let severity: Severity = end - now < Self.noticeTime ? .warning : .ok
    return Finding(
      topic, severity, "\(found); it expires on \(Wording.day(end))",
      wanted: severity == .ok ? nil : "a login that stays valid",
      remedies: severity == .ok ? [] : [prolongation(account)])
  }

  private func separation(_ account: UserAccount?) -> String {
    guard let token = principal.tokenName.flatMap({ account?.tokens[$0] }) else { return "" }
    return token.isSeparated
      ? ", which has the rights that both it and its user have (privsep 1)"
      : ", which has all rights of its user (privsep 0)"
  }

  private func expiry(_ account: UserAccount?) -> Int? {
    [account?.expires, principal.tokenName.flatMap { account?.tokens[$0]?.expires }].compactMap(\.self).min()
  }

  private func prolongation(_ account: UserAccount?) -> Remedy {
    var commands: [String] = []
    if account?.expires != nil { commands.append("pveum user modify \(user) --expire 0") }
    if let token = principal.tokenName, account?.tokens[token]?.expires != nil {
      commands.append("pveum user token modify \(user) \(tokenName) --expire 0")
    }
    return Remedy("on any node of the cluster, as root, take the end away, or set a later one", commands)
  }

  func refused(_ error: ProxmoxError, by endpoint: String) -> Finding {
    principal.token == nil ? refusedPassword(error, endpoint) : refusedToken(endpoint)
  }

  private func refusedToken(_ endpoint: String) -> Finding {
    Finding(
      topic, .problem,
      "\(endpoint) refuses \(name) (401). PVE says the same to a token that does not exist, a wrong secret, an expired "
        + "token, and a user who is disabled or has expired",
      wanted: "a token that exists, its secret, and neither it nor its user expired or disabled",
      remedies: [
        Remedy(
          "on any node of the cluster, as root, see which it is: no line for \(principal.tokenName ?? name) means that it "
            + "does not exist; an 'expire' other than 0 is when it ends, in seconds since 1970; 'enable' of the user "
            + "must be 1",
          [
            "pveum user token list \(user)",
            "pveum user list --full 1 --output-format json-pretty",
          ]),
        Remedy(
          "if it does not exist, make it (and its user first, where that is missing: pveum user add \(user)); its secret is "
            + "shown once", [addition, GrantCommand.auditor(to: principal, on: "/")]),
        Remedy(
          "if it has expired", ["pveum user token modify \(user) \(tokenName) --expire 0"]),
      ] + enabling + [
        Remedy(
          "if it exists and is valid, the secret is wrong. PVE shows none twice: create the token again, put the new secret "
            + "into the agent's file, and grant its rights again",
          ["pveum user token remove \(user) \(tokenName)", addition, GrantCommand.auditor(to: principal, on: "/")])
      ])
  }

  /// PVE does not allow root@pam to be disabled.
  private var enabling: [Remedy] {
    principal.isRoot
      ? []
      : [Remedy("if its user is disabled or has expired", ["pveum user modify \(user) --enable 1 --expire 0"])]
  }

  private var addition: String { "pveum user token add \(user) \(tokenName) --privsep 1" }

  private func refusedPassword(_ error: ProxmoxError, _ endpoint: String) -> Finding {
    Finding(
      topic, .problem, "\(endpoint): \(error)",
      wanted: "a user that exists and is enabled, its realm and its password, without a second factor",
      remedies: [
        Remedy(
          "on any node of the cluster, as root, see whether the user exists, is enabled and has not expired",
          ["pveum user list --full 1 --output-format json-pretty"])
      ] + enabling + [
        Remedy("if its password is wrong, write the right one into the agent's file, or set a new one", passwordChange),
        Self.ownToken,
      ])
  }

  /// A system user (realm `pam`) also logs in elsewhere with its password, so it is not changed.
  private var passwordChange: [String] { principal.user.hasSuffix("@pam") ? [] : ["pveum passwd \(user)"] }

  private static let ownToken: Remedy = {
    let own = Principal(.token(id: "pvescout@pve!agent", secret: ""))
    return Remedy(
      "or better, give the agent a user and a token of its own, which need no password and no second factor; the secret "
        + "is shown once",
      [
        "pveum user add \(own.user)", "pveum user token add \(own.user) agent --privsep 1",
        GrantCommand.auditor(to: own, on: "/"),
      ])
  }()
}
