import Synchronization

/// The issued tickets. PVE signs its tickets; here a ticket is valid because it is stored.
final class TicketBook: Sendable {
  private struct Entry {
    var user: String
    var issued: ContinuousClock.Instant
    /// The token that a changing call needs in addition.
    let csrfToken = "66F0A1B2:" + String(UInt64.random(in: UInt64.max / 2...UInt64.max), radix: 36)
    /// A half ticket only identifies the user for the second factor.
    var isHalf: Bool
  }

  private let entries = Mutex<[String: Entry]>([:])

  func issue(to user: String) -> String {
    // The signature is base64, so that a client that does not encode `+`, `/` and `=` fails.
    write(Entry(user: user, issued: .now, isHalf: false), prefix: "PVE:\(user):", suffix: "+/==")
  }

  /// Issues the first half of a login with two factors. Its text contains quotes, as PVE's does.
  func issueHalf(to user: String) -> String {
    write(Entry(user: user, issued: .now, isHalf: true), prefix: #"PVE:!tfa!{"totp"%3Atrue}:"#, suffix: "+/==")
  }

  /// The user of a valid ticket; nil for any other.
  func user(of ticket: String, lifetime: Duration) -> String? {
    find(ticket, lifetime: lifetime, isHalf: false)
  }

  func userOfHalf(_ ticket: String, lifetime: Duration) -> String? {
    find(ticket, lifetime: lifetime, isHalf: true)
  }

  /// Nil for an unknown ticket.
  func csrfToken(of ticket: String) -> String? { entries.withLock { $0[ticket]?.csrfToken } }

  func forgetAll() { entries.withLock { $0.removeAll() } }

  private func write(_ entry: Entry, prefix: String, suffix: String) -> String {
    let number = UInt64.random(in: UInt64.max / 2...UInt64.max)
    let ticket = prefix + "\(String(number >> 32, radix: 16, uppercase: true))::\(String(number, radix: 36))\(suffix)"
    entries.withLock { $0[ticket] = entry }
    return ticket
  }

  private func find(_ ticket: String, lifetime: Duration, isHalf: Bool) -> String? {
    entries.withLock { entries in
      guard let entry = entries[ticket], entry.isHalf == isHalf,
        entry.issued.duration(to: .now) < lifetime
      else { return nil }
      return entry.user
    }
  }
}
