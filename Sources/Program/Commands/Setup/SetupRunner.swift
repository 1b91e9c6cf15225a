import ProxmoxAPI

/// Carries out the steps of a plan, and remembers what this run created, to undo it if a later step fails.
struct SetupRunner: Sendable {
  /// A step that failed; those after it were not tried.
  struct Failure: Error, CustomStringConvertible {
    var step: SetupStep
    var error: ProxmoxError
    /// Whether the login may not make this call.
    var lacksRights: Bool {
      if case .forbidden = error { true } else { false }
    }

    var description: String {
      if case .token(let name, let user, _) = step, error.saysItExists {
        return "the token \(user)!\(name) exists, and its secret is not on this machine: another machine may use it. "
          + "Choose another name with --token-name, or give it a new secret with --replace-token, which ends the old one"
      }
      let uncertainty = error.mayHaveSucceeded ? "; it may exist all the same: pveum user list --full 1" : ""
      return "\(step.result) could not be created: \(reason)\(uncertainty)"
    }

    private var reason: String {
      guard case .forbidden(let privilege, let text) = error else { return "\(error)" }
      return "the login lacks \(privilege.map { "\($0)" } ?? "a right (\(text))")"
    }
  }

  let client: ProxmoxClient
  /// In the order of their creation.
  private(set) var created: [SetupStep] = []
  /// What was there.
  private(set) var kept: [SetupStep] = []
  /// The secret of the token that was created.
  private(set) var secret: String?
  /// The token whose old secret this run ended. What was created since then cannot bring the old access back.
  private(set) var endedToken: String?

  init(client: ProxmoxClient) { self.client = client }

  mutating func run(_ steps: [SetupStep]) async throws(Failure) {
    for step in steps {
      do throws(ProxmoxError) {
        try await run(step)
        created.append(step)
      } catch {
        guard error.saysItExists, step.mayExist else { throw Failure(step: step, error: error) }
        kept.append(step)
      }
    }
  }

  private mutating func run(_ step: SetupStep) async throws(ProxmoxError) {
    switch step {
    case .user(let user): try await client.createUser(user, comment: "pvescout")
    case .role(let role, let privileges): try await client.createRole(role, privileges: privileges)
    case .token(let name, let user, let replaces):
      do throws(ProxmoxError) {
        secret = try await client.createToken(name, of: user, comment: "pvescout")
      } catch  where replaces && error.saysItExists {
        try await client.deleteToken(name, of: user)
        endedToken = "\(user)!\(name)"
        secret = try await client.createToken(name, of: user, comment: "pvescout")
      }
    case .grant(let role, let path, let users, let tokens, let propagates):
      try await client.grant(role, on: path, users: users, tokens: tokens, propagating: propagates)
    }
  }

  /// Undoes the steps of this run, in reverse order; returns those that could not be undone.
  mutating func undo() async -> [(step: SetupStep, error: ProxmoxError)] {
    var left: [(SetupStep, ProxmoxError)] = []
    for step in created.reversed() {
      do throws(ProxmoxError) { try await undo(step) } catch { left.append((step, error)) }
    }
    created = []
    return left
  }

  private func undo(_ step: SetupStep) async throws(ProxmoxError) {
    switch step {
    case .user(let user): try await client.deleteUser(user)
    case .role(let role, _): try await client.deleteRole(role)
    case .token(let name, let user, _): try await client.deleteToken(name, of: user)
    case .grant(let role, let path, let users, let tokens, _):
      try await client.grant(role, on: path, users: users, tokens: tokens, revoking: true)
    }
  }
}

extension SetupStep {
  /// Whether it is as good to find it there.
  fileprivate var mayExist: Bool {
    switch self {
    case .user, .role: true
    case .token, .grant: false
    }
  }
}
