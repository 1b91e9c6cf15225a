/// Whether a stream route really listens.
package enum ListenerState: Hashable, Sendable {
  /// `ADDRESS:PORT`, with the port that it really has where 0 was asked for.
  case listening(String)
  /// It cannot, for this reason, and is tried again.
  case failed(String)

  package var address: String? {
    if case .listening(let address) = self { address } else { nil }
  }

  package var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}
