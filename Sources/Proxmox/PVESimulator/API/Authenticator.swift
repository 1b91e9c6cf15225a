/// Determines the caller of a request, in PVE's order: cookie, then token.
struct Authenticator {
  var cluster: SimulatedCluster
  var tickets: TicketBook

  func caller(of request: SimulatorRequest) throws(Refusal) -> Caller {
    if let ticket = ticket(inCookie: request.cookie) { return try caller(ticket: ticket, of: request) }
    if let token = token(inAuthorization: request.authorization) { return try caller(token: token) }
    throw .unauthorized("No ticket")
  }

  private func caller(ticket: String, of request: SimulatorRequest) throws(Refusal) -> Caller {
    guard let name = tickets.user(of: ticket, lifetime: cluster.ticketLifetime), let user = user(name), user.isEnabled
    else {
      throw .unauthorized("Authentication failed!")
    }
    guard request.method == "GET" || request.csrfToken == tickets.csrfToken(of: ticket) else {
      throw .unauthorized("Permission denied - invalid csrf token")
    }
    return Caller(name: user.name, permissions: user.permissions, isToken: false)
  }

  /// The answer is the same for an unknown token, a wrong secret and a disabled user; PVE only logs the difference.
  private func caller(token text: String) throws(Refusal) -> Caller {
    guard let equals = text.lastIndex(of: "="),
      let token = cluster.tokens.first(where: { $0.id == text[..<equals] }),
      token.secret == text[text.index(after: equals)...],
      user(String(token.id.prefix { $0 != "!" }))?.isEnabled ?? true
    else { throw .unauthorized("Authentication failed!") }
    return Caller(name: token.id, permissions: cluster.permissions(of: token), isToken: true)
  }

  private func user(_ name: String) -> SimulatedUser? { cluster.users.first { $0.name == name } }

  private func ticket(inCookie cookie: String?) -> String? {
    let pairs = (cookie ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
    return pairs.first { $0.hasPrefix("PVEAuthCookie=") }.map { percentDecoded($0.dropFirst(14)) }
  }

  /// `PVEAPIToken=ID=SECRET` or `PVEAPIToken ID=SECRET`, URL-encoded or not.
  private func token(inAuthorization header: String?) -> String? {
    guard let header, header.hasPrefix("PVEAPIToken"),
      let separator = header.dropFirst(11).first, separator == "=" || separator == " "
    else { return nil }
    return percentDecoded(header.dropFirst(12).prefix { $0 != ";" })
  }
}

// `POST /access/ticket`: login, its second step, and renewal.
extension Authenticator {
  /// The data of the answer.
  func login(_ request: SimulatorRequest) throws(Refusal) -> PVEJSONWriter {
    let user = try user(loggingIn: request)
    if let challenge = request.parameters["tfa-challenge"] {
      guard tickets.userOfHalf(challenge, lifetime: .seconds(300)) == user.name,
        let code = user.totpCode, request.parameters["password"] == "totp:\(code)"
      else { throw Self.denied }
      return answer(user, ticket: tickets.issue(to: user.name))
    }
    let password = request.parameters["password"] ?? ""
    let isRenewal = tickets.user(of: password, lifetime: cluster.ticketLifetime) == user.name
    guard isRenewal || (password == user.password && !password.isEmpty) else { throw Self.denied }
    if user.totpCode != nil, !isRenewal {
      return answer(user, ticket: tickets.issueHalf(to: user.name), needsSecondFactor: true)
    }
    return answer(user, ticket: tickets.issue(to: user.name))
  }

  private static let denied = Refusal(status: 401, reason: "authentication failure", delay: .authentication)

  private func user(loggingIn request: SimulatorRequest) throws(Refusal) -> SimulatedUser {
    for required in ["username", "password"] where request.parameters[required] == nil {
      throw .invalid(required, "property is missing and it is not optional")
    }
    let given = request.parameters["username"] ?? ""
    let name = given.contains("@") ? given : "\(given)@\(request.parameters["realm"] ?? "pam")"
    guard let user = user(name), user.isEnabled else { throw Self.denied }
    return user
  }

  private func answer(_ user: SimulatedUser, ticket: String, needsSecondFactor: Bool = false) -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("ticket", ticket)
      writer.field("CSRFPreventionToken", tickets.csrfToken(of: ticket))
      writer.field("username", user.name)
      if needsSecondFactor {
        writer.field("NeedTFA", 1)
      } else {
        writer.key("cap")
        writer.object { _ in }
      }
      if user.permissions.grants("Sys.Audit", on: "/") { writer.field("clustername", cluster.name) }
    }
    return writer
  }
}

/// The authenticated caller of a request.
struct Caller: Sendable {
  /// `user@realm`, or `user@realm!tokenid`.
  var name: String
  var permissions: Permissions
  var isToken: Bool

  /// A caller without a login.
  static let anonymous = Caller(name: "", permissions: .none, isToken: false)
}
