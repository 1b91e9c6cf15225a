import PeerTrust

/// Remedies for an untrusted certificate. They never present the received fingerprint as the true one, which has to be
/// read on the node.
struct TrustRemedies {
  let endpoint: String
  private let host: EndpointHost

  init(endpoint: String) {
    self.endpoint = endpoint
    host = EndpointHost(endpoint)
  }

  private var node: String { "on the node behind \(endpoint), as root" }
  private var sshHost: String { ShellWord.quote("root@\(host.host.contains(":") ? "[\(host.host)]" : host.host)") }

  /// A custom certificate replaces the node's own, so its file comes first.
  private static let servedCertificate =
    "cat /etc/pve/local/pveproxy-ssl.pem /etc/pve/local/pve-ssl.pem 2>/dev/null | openssl x509 -noout"

  var comparison: Remedy {
    Remedy(
      "\(node), log in by console or SSH and show the true fingerprint. Compare it with the presented one yourself: only "
        + "if they are the same, put what the node shows into tls.fingerprint. If they differ, something else answers "
        + "at this address",
      ["\(Self.servedCertificate) -fingerprint -sha256"])
  }

  /// The CA's file outlives the certificates.
  var authority: Remedy { authority(at: "/etc/pvescout/pve-root-ca.pem") }

  func authority(replacing trust: TrustPolicy) -> Remedy {
    guard case .caFile(let path) = trust else { return authority }
    return authority(at: path)
  }

  private func authority(at path: String) -> Remedy {
    Remedy(
      "on the agent's machine, copy the cluster's own CA and set tls: {ca_file: \(path)} (for a certificate of your own "
        + "or of ACME leave tls away, or name its CA's file)",
      ["scp \(sshHost):/etc/pve/pve-root-ca.pem \(ShellWord.quote(path))"])
  }

  var renewal: Remedy {
    Remedy(
      "\(node), make a new certificate (for one of ACME: pvenode acme cert renew)",
      ["pvecm updatecerts --force", "systemctl restart pveproxy"])
  }

  var names: Remedy {
    Remedy(
      "\(node), show the names that the certificate is for, and write one of them as the endpoint's host",
      ["\(Self.servedCertificate) -ext subjectAltName"])
  }

  var newNames: Remedy {
    Remedy(
      "or, \(node), make a new certificate for the node's present names and address; or pin the fingerprint, which looks "
        + "at no name",
      ["pvecm updatecerts --force", "systemctl restart pveproxy"])
  }
}
