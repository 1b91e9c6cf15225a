package import HTTPTransport
package import PeerTrust

/// The failures of a call to PVE, by what the caller can do about them. No text contains a secret.
package enum ProxmoxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// 401: the credentials are invalid. Each attempt costs PVE 3 s.
  case unauthorized(String)
  /// 403: a privilege is missing.
  case forbidden(Privilege?, String)
  /// 595 and above: the endpoint could not reach the node for the call.
  case nodeUnreachable(String)
  /// The object does not exist, or not on that node.
  case notFound(String)
  /// 501: this version of PVE does not have the path.
  case notImplemented(String)
  case badRequest(String)
  /// The guest agent of a VM refused the command.
  case agentRefused(String)
  /// Any other unsuccessful status.
  case server(status: Int, String)
  /// The certificate is not a pinned one; nothing was sent.
  case fingerprintMismatch(presented: CertificateFingerprint?)
  case transport(HTTPTransportError)
  /// The answer is not PVE's.
  case malformed(String)

  /// A missing privilege and its path.
  package struct Privilege: Hashable, Sendable, CustomStringConvertible {
    /// `/vms/101`.
    package var path: String
    /// `VM.Audit`; several joined by `|` if any of them is sufficient.
    package var privileges: String

    package init(path: String, privileges: String) { (self.path, self.privileges) = (path, privileges) }

    /// The alternative that allows reading and the fewest changes; nil if all of them are for writing.
    package var forReading: String? {
      privileges.split(separator: "|").map(String.init).first { $0.hasSuffix(".Audit") || $0 == "VM.Monitor" }
    }

    package var description: String { "\(privileges) on \(path)" }
  }

  /// What happened, and what to do about it.
  package var description: String {
    switch self {
    case .unauthorized(let text): text
    case .forbidden(let privilege, let text): Self.text(forbidden: privilege, text)
    case .nodeUnreachable(let text): "the node cannot be reached through this endpoint (\(text)); it is tried again"
    case .notFound(let text): "PVE does not find it: \(text)"
    case .notImplemented(let text): "this version of PVE does not offer it (501 \(text))"
    case .badRequest(let text): "PVE refuses the request (400 \(text))"
    case .agentRefused(let text): "the guest agent refuses to report its addresses: \(text)"
    case .server(let status, let text): "PVE answers \(status) \(text)\(fault.map { ": \($0.advice)" } ?? "")"
    case .fingerprintMismatch(let presented): Self.text(presented: presented)
    case .transport(let error): error.descriptionOfPVE
    case .malformed(let text): text
    }
  }

  /// Whether PVE refuses the configuration of a container with environment variables (`env`): pve-container 6.0.15 up
  /// to at least 6.1.10 requires a write privilege for that.
  package var isEnvironmentRefusal: Bool {
    if case .forbidden(let privilege?, _) = self { privilege.privileges == "VM.Config.Options" } else { false }
  }

  /// The fault that the error's text identifies; nil for any other.
  package var fault: ServerFault? {
    if case .server(_, let text) = self { ServerFault(text: text) } else { nil }
  }

  /// Whether the credentials were refused.
  package var isUnauthorized: Bool {
    if case .unauthorized = self { true } else { false }
  }

  /// Whether another endpoint of the same cluster may have a different result: not for refused credentials, which are
  /// the same everywhere, or a cancelled call.
  package var mayDifferElsewhere: Bool {
    switch self {
    case .unauthorized, .transport(.cancelled), .transport(.closed): false
    default: true
    }
  }

  /// Only names a privilege for reading: the agent never asks for one for writing.
  private static func text(forbidden privilege: Privilege?, _ text: String) -> String {
    guard let privilege else { return "PVE refuses it (403 \(text)): see which right is missing with pvescout doctor" }
    guard let reading = privilege.forReading else {
      let isEnvironment = ProxmoxError.forbidden(privilege, text).isEnvironmentRefusal
      return isEnvironment
        ? "PVE shows the configuration of a container with environment variables to its administrators alone (403 "
          + "\(text)): a fault of pve-container that needs no grant; the addresses are known while the container runs"
        : "PVE refuses it (403 \(text)), and the agent needs no such right"
    }
    return "PVE refuses it: grant \(reading) on \(privilege.path) to the user and to its token"
  }

  private static func text(presented: CertificateFingerprint?) -> String {
    let found = presented.map { "has the fingerprint \($0)" } ?? "is unknown"
    return "the certificate presented \(found), which is none of the pinned ones, so nothing was sent: compare it with "
      + "Node → System → Certificates in the PVE GUI, and put the true one into tls.fingerprint"
  }
}

extension HTTPTransportError {
  /// The text, with advice for the case that the other end should be PVE.
  var descriptionOfPVE: String { advice.map { "\(self); \($0)" } ?? description }

  /// Nil if the text already contains it.
  private var advice: String? {
    let service = "see on the node: systemctl status pveproxy pvedaemon"
    switch self {
    case .nameLookupFailed: return "see this machine's DNS, or give the node's address as the endpoint"
    case .timedOut("connecting", _): return "is the address right, the node up, and no firewall between?"
    case .timedOut: return "it accepts connections and keeps silent: \(service)"
    case .cannotConnect: return "is the address right, and the node up?"
    case .connectionClosed: return "does PVE's web service restart, or did something between cut it off? \(service)"
    case .malformedResponse: return "is this PVE's port, 8006?"
    case .bodyTooLarge: return "is the endpoint a PVE API?"
    default: return nil
    }
  }
}
