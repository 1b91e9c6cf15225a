/// How a request can fail before there is an answer to judge.
package enum HTTPTransportError: Error, Hashable, Sendable, CustomStringConvertible {
  case invalidURL(String)
  case nameNotResolved(host: String)
  case connectionRefused(address: String)
  /// Any other failure to connect: no route, network unreachable, socket file missing.
  case cannotConnect(address: String, reason: String)
  /// The deadline passed; the phase says how far it came (`connecting`, `TLS handshake`, `waiting for an answer`, …).
  case timedOut(phase: String, after: Duration)
  /// The peer's certificate is none of the pinned ones; nothing was sent.
  case fingerprintMismatch(presented: CertificateFingerprint?)
  /// The peer's certificate does not hold (chain, name, dates); nothing was sent.
  case certificateNotTrusted(reason: String)
  case tlsFailed(reason: String)
  case connectionClosed(reason: String)
  case malformedResponse(reason: String)
  case bodyTooLarge(limit: Int)
  case cancelled
  /// The client was shut down.
  case closed

  package var description: String { "\(self)" }
}
