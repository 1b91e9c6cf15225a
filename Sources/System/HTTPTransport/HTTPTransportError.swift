package import PeerTrust

/// Why a request has no answer.
package enum HTTPTransportError: Error, Hashable, Sendable {
  /// The text contains the URL, unless it could include a password, and the problem.
  case invalidURL(String)
  /// A name that is not a token, or a value with a line break; nothing was sent.
  case invalidHeader(name: String)
  /// The name does not exist, or has no address.
  case nameNotResolved(host: String)
  /// The addresses are unknown at present: no nameserver answered in time.
  case nameLookupFailed(host: String, reason: String)
  case connectionRefused(address: String)
  /// Any other failure to connect: no route, network unreachable, socket file missing.
  case cannotConnect(address: String, reason: String)
  /// This process or machine has run out of descriptors or memory; nothing is known of the peer.
  case shortage(reason: String)
  /// The deadline passed, in one of the phases `reading the CA file PATH`, `connecting`, `TLS handshake`, `waiting for
  /// an answer` and `reading the answer`.
  case timedOut(phase: String, after: Duration)
  /// The peer's certificate is not a pinned one (nil: it has none, or the URL is plain `http`); nothing was sent.
  case fingerprintMismatch(presented: CertificateFingerprint?)
  /// The peer's certificate is invalid (chain, name, dates); nothing was sent.
  case certificateNotTrusted(CertificateFault)
  case tlsFailed(reason: String)
  case connectionClosed(reason: String)
  case malformedResponse(reason: String)
  case bodyTooLarge(limit: Int)
  case cancelled
  /// The client was shut down.
  case closed
}

extension HTTPTransportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalidURL(let text): "not a URL to request: \(text)"
    case .invalidHeader(let name): "the header '\(name)' is not one that HTTP can carry: a bad name, or a line break"
    case .nameNotResolved(let host): "no address found for the name '\(host)'; check its spelling and this host's DNS"
    case .nameLookupFailed(let host, let reason): "the name '\(host)' cannot be looked up now: \(reason)"
    case .connectionRefused(let address): "\(address) refused the connection; does the service run and listen there?"
    case .cannotConnect(let address, let reason): "cannot connect to \(address): \(reason)"
    case .shortage(let reason): "nothing was asked, as this process is short of resources: \(reason)"
    case .timedOut(let phase, let limit): "timed out after \(limit.inWords) (\(phase))"
    case .fingerprintMismatch(let presented?):
      "the server's certificate has the SHA-256 fingerprint \(presented), which is not pinned; nothing was sent. "
        + "If the certificate was renewed, compare on the server itself and pin this one"
    case .fingerprintMismatch(nil): "the server showed no certificate to hold against the pin; nothing was sent"
    case .certificateNotTrusted(let fault): "the server's certificate is not trusted: \(fault)"
    case .tlsFailed(let reason): "no TLS connection: \(reason)"
    case .connectionClosed(let reason): "the connection ended early: \(reason)"
    case .malformedResponse(let reason): "the answer is not valid HTTP: \(reason)"
    case .bodyTooLarge(let limit): "the answer is longer than the \(limit) bytes that are allowed"
    case .cancelled: "the request was cancelled"
    case .closed: "the HTTP client was shut down"
    }
  }
}
