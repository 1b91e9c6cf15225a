extension FakePVE {
  package enum Trust: Sendable {
    case certificateAuthority
    case fingerprint
    /// A pin that differs from the certificate's.
    case wrongFingerprint(String)
    case insecure
  }

  package var tokenID: String { String(token.prefix { $0 != "=" }) }
  package var tokenSecret: String { String(token.drop { $0 != "=" }.dropFirst()) }
  private var token: String { manifest.tokens[0] }

  /// The cluster's entry for `proxmox:` in pvescout.yml.
  package func entry(
    named name: String = "lab", endpoints: [String]? = nil, trust: Trust = .certificateAuthority, secret: String? = nil
  ) -> String {
    """
      - name: \(name)
        endpoints: [\((endpoints ?? manifest.endpoints).joined(separator: ", "))]
        token_id: \(tokenID)
        token_secret: \(secret ?? tokenSecret)
        tls: \(settings(of: trust))
    """
  }

  /// The pin with a different last digit.
  package var almostTheFingerprint: String {
    let pin = manifest.fingerprint
    return pin.dropLast() + (pin.hasSuffix("0") ? "1" : "0")
  }

  private func settings(of trust: Trust) -> String {
    switch trust {
    case .certificateAuthority: "{ca_file: \(manifest.ca_file)}"
    case .fingerprint: "{fingerprint: \"\(manifest.fingerprint)\"}"
    case .wrongFingerprint(let pin): "{fingerprint: \"\(pin)\"}"
    case .insecure: "{insecure: true}"
    }
  }
}
