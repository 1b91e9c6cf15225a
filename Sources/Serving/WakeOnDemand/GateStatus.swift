package import FoundationEssentials

/// The state of a guest for its clients.
package struct GateStatus: Hashable, Sendable {
  package enum Phase: String, Hashable, Sendable {
    case up
    /// It should be up and did not answer a client. PVE is being queried; other clients are served as before.
    case checking
    case stopped, starting, waiting, stopping, failed
  }

  package var phase: Phase
  /// Whether requests are passed on. A guest whose service has not answered in time is `failed`, and open all the same.
  package var isOpen: Bool
  /// Why it failed, in a text for all clients.
  package var cause: String?
  /// When a start is tried again; nil unless it failed.
  package var until: Date?

  package init(_ phase: Phase, isOpen: Bool? = nil, cause: String? = nil, until: Date? = nil) {
    (self.phase, self.cause, self.until) = (phase, cause, until)
    self.isOpen = isOpen ?? (phase == .up || phase == .checking)
  }

  package static let up = GateStatus(.up)

  /// The seconds until the next request may have another answer.
  package var retryAfter: Int {
    guard phase == .failed, let until else { return 2 }
    return Int(min(max(1, until.timeIntervalSinceNow.rounded(.up)), 3600))
  }
}
