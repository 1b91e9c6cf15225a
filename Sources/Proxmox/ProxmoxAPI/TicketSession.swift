import HTTPTransport

/// The result of a login.
struct Ticket: Hashable, Sendable {
  var cookie: String
  /// The token that every call except GET must send (`CSRFPreventionToken`).
  var csrfToken = ""
}

/// The ticket of a login, renewed before it expires in PVE. If several calls need one at the same time, only one logs
/// in.
actor TicketSession {
  /// PVE's tickets are valid for two hours from their issue, and are not extended by use.
  static let lifetime = Duration.seconds(90 * 60)

  typealias Login = @Sendable () async throws(ProxmoxError) -> Ticket

  private enum State {
    case none
    case loggingIn(waiting: [CheckedContinuation<Result<Ticket, ProxmoxError>, Never>])
    case ready(Ticket, until: ContinuousClock.Instant)
  }

  private var state = State.none
  private let now: @Sendable () -> ContinuousClock.Instant

  init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

  /// A valid ticket.
  ///
  /// - Parameter refused: a ticket that PVE no longer accepts.
  func ticket(
    replacing refused: Ticket? = nil, login: Login
  ) async throws(ProxmoxError) -> Ticket {
    while true {
      switch state {
      case .ready(let ticket, let end) where ticket != refused && now() < end: return ticket
      case .none, .ready: return try await logIn(login)
      case .loggingIn:
        let outcome = await withCheckedContinuation { wait($0) }
        // Another caller's login was cancelled, which does not concern the credentials.
        if case .failure(.transport(.cancelled)) = outcome, !Task.isCancelled { continue }
        return try outcome.get()
      }
    }
  }

  /// The number of calls that wait for another one's login.
  var waiting: Int {
    if case .loggingIn(let waiting) = state { waiting.count } else { 0 }
  }

  var isLoggingIn: Bool {
    if case .loggingIn = state { true } else { false }
  }

  private func wait(_ continuation: CheckedContinuation<Result<Ticket, ProxmoxError>, Never>) {
    guard case .loggingIn(var waiting) = state else {
      return continuation.resume(returning: .failure(.transport(.cancelled)))
    }
    waiting.append(continuation)
    state = .loggingIn(waiting: waiting)
  }

  private func logIn(_ login: Login) async throws(ProxmoxError) -> Ticket {
    state = .loggingIn(waiting: [])
    let outcome: Result<Ticket, ProxmoxError>
    do {
      outcome = .success(try await login())
    } catch {
      outcome = .failure(error)
    }
    guard case .loggingIn(let waiting) = state else { return try outcome.get() }
    switch outcome {
    case .success(let ticket): state = .ready(ticket, until: now() + Self.lifetime)
    case .failure: state = .none
    }
    for continuation in waiting { continuation.resume(returning: outcome) }
    return try outcome.get()
  }
}

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
