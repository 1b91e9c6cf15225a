import PeerTrust

/// The pvescout.yml that `setup` writes.
struct ConfigurationDraft: Hashable, Sendable {
  enum Trust: Hashable, Sendable {
    case systemRoots
    case fingerprints([Pin])
    /// A file beside pvescout.yml.
    case caFile(String)
  }

  /// A certificate, and whose it is.
  struct Pin: Hashable, Sendable {
    var fingerprint: CertificateFingerprint
    var node: String
  }

  /// The cluster's label.
  var cluster: String
  var endpoints: [String]
  var tokenID: String
  /// A file beside pvescout.yml.
  var secretFile: String
  var trust: Trust
  var control = false
  /// The address of `proxy.http`; nil leaves the proxy out.
  var proxy: String?
  /// Whether guests have addresses of this machine, as in a lab.
  var loopbackGuests = false

  var text: String {
    """
    # The configuration of pvescout, written by `pvescout setup`. It is yours: edit it, then `pvescout reload`.
    # Every key is in /usr/share/doc/pvescout/manual/Configuration.md; `pvescout check` finds mistakes.

    proxmox:
    \(entry.joined(separator: "\n"))

    providers: {files: [routes.yml]}
    \(loopbackGuests ? "\ndiscovery: {loopback_guests: true}   # the cluster is a lab on this machine\n" : "")
    # Serves the routes by name, to everybody that reaches this address: see Proxy.md.
    \(proxy.map { "proxy: {http: \"\($0)\"}" } ?? "# proxy: {http: \"0.0.0.0:80\"}")

    """
  }

  /// The lines of the cluster's entry.
  var entry: [String] {
    ["  - name: \(cluster)", "    endpoints:"] + endpoints.map { "      - \($0)" } + [
      "    token_id: \(tokenID)",
      "    token_secret_file: \(secretFile)",
    ] + tls + [
      "    # Lets requests start the guests of routes that say `start`, and stops those that are idle. The token then",
      "    # needs VM.PowerMgmt on these guests: `pvescout doctor` has the lines. See Control.md.",
      control ? "    control: true" : "    # control: true",
    ]
  }

  private var tls: [String] {
    switch trust {
    case .systemRoots: []
    case .caFile(let file): ["    tls: {ca_file: \(file)}"]
    case .fingerprints(let pins):
      ["    tls:", "      fingerprint:"] + pins.map { "        - \"\($0.fingerprint)\" # \($0.node)" }
    }
  }
}
