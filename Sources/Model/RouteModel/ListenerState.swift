/// Whether a stream route is really listening.
package enum ListenerState: Hashable, Sendable {
  /// `ADDRESS:PORT`, with the real port if 0 was requested.
  case listening(String)
  /// Listening failed for this reason, and is retried.
  case failed(String)

  package var address: String? {
    if case .listening(let address) = self { address } else { nil }
  }

  package var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}
