package import HTTPTransport

/// How a call to PVE can fail, by what the caller would do about it. No text holds a secret.
package enum ProxmoxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// 401: the credentials do not hold. Asking again at once costs PVE 3 s each time.
  case unauthorized(String)
  /// 403: a privilege is missing.
  case forbidden(Privilege?, String)
  /// 595 and above: the endpoint could not reach the node that should answer.
  case nodeUnreachable(String)
  /// What was asked for does not exist, or not on that node.
  case notFound(String)
  /// 501: this PVE does not know the path.
  case notImplemented(String)
  case badRequest(String)
  /// Any other status that is no answer.
  case server(status: Int, String)
  /// The certificate is none of the pinned ones; nothing was sent.
  case fingerprintMismatch(presented: CertificateFingerprint?)
  case transport(HTTPTransportError)
  /// The answer is not what PVE would send.
  case malformed(String)

  /// A privilege that PVE missed, and where.
  package struct Privilege: Hashable, Sendable, CustomStringConvertible {
    /// `/vms/101`.
    package var path: String
    /// `VM.Audit`; several joined by `|` where any of them would do.
    package var privileges: String

    package init(path: String, privileges: String) { (self.path, self.privileges) = (path, privileges) }
    package var description: String { "\(privileges) on \(path)" }
  }

  /// What happened, and what to do about it.
  package var description: String {
    switch self {
    case .unauthorized(let text): text
    case .forbidden(let privilege?, _): "PVE refuses it: grant \(privilege) to the user and to its token"
    case .forbidden(nil, let text):
      "PVE refuses it (403 \(text)): grant the missing privilege to the user and its token"
    case .nodeUnreachable(let text): "the node cannot be reached through this endpoint (\(text)); it is tried again"
    case .notFound(let text): "PVE does not find it: \(text)"
    case .notImplemented(let text): "this version of PVE does not offer it (501 \(text))"
    case .badRequest(let text): "PVE refuses the request (400 \(text))"
    case .server(let status, let text): "PVE answers \(status) \(text)"
    case .fingerprintMismatch(let presented): Self.text(presented: presented)
    case .transport(let error): error.descriptionOfPVE
    case .malformed(let text): text
    }
  }

  /// Whether another endpoint of the same cluster might do better: all but the refused credentials, which are the same
  /// everywhere, and a cancelled call.
  package var mayDifferElsewhere: Bool {
    switch self {
    case .unauthorized, .transport(.cancelled), .transport(.closed): false
    default: true
    }
  }

  private static func text(presented: CertificateFingerprint?) -> String {
    let found = presented.map { "has the fingerprint \($0)" } ?? "is unknown"
    return "the certificate presented \(found), which is none of the pinned ones, so nothing was sent: compare it with "
      + "Node → System → Certificates in the PVE GUI, and put the true one into tls.fingerprint"
  }
}
