/// A route as its provider states it: nothing filled in, nothing looked up.
package struct RouteDeclaration: Hashable, Sendable {
  /// The port as written: `32400`, or `2222:22` (listen:target), which makes the route a stream.
  package struct Port: Hashable, Sendable {
    /// Where the stream listens; 0 is any free port. Nil without the colon form.
    package var listen: UInt16?
    package var target: UInt16

    package init(listen: UInt16? = nil, target: UInt16) { (self.listen, self.target) = (listen, target) }
  }

  /// The `healthcheck:` of a route; what is nil comes from the agent's `health:`.
  package struct HealthCheck: Hashable, Sendable {
    package var disable: Bool?
    package var path: String?
    package var useGet: Bool?
    package var interval: Duration?
    package var timeout: Duration?
    /// Failures in a row until `unhealthy`: the agent's `unhealthy_after`.
    package var retries: Int?
    package var expectedStatus: ExpectedStatus?
    /// Of a UDP check: what is sent, and what the answer must hold.
    package var payload: [UInt8]?
    package var expectedAnswer: [UInt8]?

    package init() {}
  }

  package var alias: RouteAlias
  package var provider: ProviderName
  package var location: SourceLocation
  package var host: String?
  package var port: Port?
  package var scheme: RouteScheme?
  /// `proxmox:`, the explicit link.
  @Rare package var proxmox: ProxmoxReference?
  /// Whether there is a `proxmox:` at all, even one that names nobody: the route means something of PVE's then, and
  /// never this machine.
  package var statesProxmox = false
  package var healthCheck: HealthCheck {
    get { statedHealthCheck ?? HealthCheck() }
    set { statedHealthCheck = newValue == HealthCheck() ? nil : newValue }
  }
  @Rare private var statedHealthCheck: HealthCheck?
  package var noTLSVerify = false
  /// `ssl_server_name`; nil is the host.
  @Rare package var tlsServerName: TLSServerName?
  /// `ssl_trusted_certificate`: a PEM file with the CAs that the upstream's certificate may chain to.
  @Rare package var tlsCAFile: String?
  /// `ssl_fingerprint`: the certificates that the upstream may have.
  @Rare package var tlsPins: [CertificatePin]?
  /// `bind`: the address that a stream listens on.
  @Rare package var bind: String?
  /// `root`, `spa`, `index`: of a file server.
  @Rare package var root: String?
  package var isSinglePageApp = false
  @Rare package var index: String?
  /// `relay_proxy_protocol_header`: of a TCP route, the header in front of what its upstream gets.
  package var relayedProxyHeader: ProxyProtocolVersion?
  /// `tls_termination`, `tls: passthrough`: of a TCP route.
  package var streamTLS = StreamTLS.untouched
  @Rare package var responseHeaderTimeout: Duration?
  /// What restricts access to the route and is not enforced here, as a sentence: the route is then not served. Nil if
  /// nothing does, or the route says `ignore_access_control`.
  @Rare package var restriction: String?
  /// Kept for people: `proxmox.services`, `proxmox.files`.
  package var notes: [String] = []
  /// What is wrong with the route; not empty excludes it.
  package var problems: [Problem] = []

  package init(alias: RouteAlias, provider: ProviderName, location: SourceLocation) {
    (self.alias, self.provider, self.location) = (alias, provider, location)
  }
}
