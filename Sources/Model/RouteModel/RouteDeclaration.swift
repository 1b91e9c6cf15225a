package import PeerTrust

/// A route as declared by its provider, without defaults and lookups.
package struct RouteDeclaration: Hashable, Sendable {
  /// The port as written: `32400`, or `2222:22` (listen:target), which makes the route a stream.
  package struct Port: Hashable, Sendable {
    /// The port that the stream listens on; 0 means any free port. Nil for the form without a colon.
    package var listen: UInt16?
    package var target: UInt16

    package init(listen: UInt16? = nil, target: UInt16) { (self.listen, self.target) = (listen, target) }
  }

  /// The `healthcheck:` of a route; nil properties default to the agent's `health:`.
  package struct HealthOverrides: Hashable, Sendable {
    package var disable: Bool?
    package var path: String?
    package var useGet: Bool?
    package var interval: Duration?
    package var timeout: Duration?
    /// Consecutive failures until `unhealthy`; overrides the agent's `unhealthy_after`.
    package var retries: Int?
    package var expectedStatus: ExpectedStatus?
    /// For UDP: the datagram to send, and the bytes that the answer must contain.
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
  /// Whether there is a `proxmox:` at all, even one without a resource: such a route belongs to PVE and never falls
  /// back to this machine.
  package var statesProxmox = false
  /// `proxmox.start` and `idlewatcher:`; nil if the route states neither.
  @Rare package var wake: WakePolicy?
  package var healthCheck: HealthOverrides {
    get { statedHealthCheck ?? HealthOverrides() }
    set { statedHealthCheck = newValue == HealthOverrides() ? nil : newValue }
  }
  @Rare private var statedHealthCheck: HealthOverrides?
  package var noTLSVerify = false
  /// `ssl_server_name`; nil means the host.
  @Rare package var tlsServerName: TLSServerName?
  /// `ssl_trusted_certificate`: a PEM file with the CAs that are trusted for the upstream's certificate.
  @Rare package var tlsCAFile: String?
  /// `ssl_fingerprint`: the certificates that are accepted from the upstream.
  @Rare package var tlsPins: [CertificateFingerprint]?
  /// `bind`: the address that a stream listens on.
  @Rare package var bind: String?
  /// `root`, `spa`, `index`: for file servers.
  @Rare package var root: String?
  package var isSinglePageApp = false
  @Rare package var index: String?
  /// `relay_proxy_protocol_header`: for TCP routes, the header sent to the upstream first.
  package var relayedProxyHeader: ProxyProtocolVersion?
  /// `tls_termination`, `tls: passthrough`: for TCP routes.
  package var streamTLS = StreamTLS.untouched
  @Rare package var responseHeaderTimeout: Duration?
  /// `max_conns_per_host`: the maximum number of connections to the upstream; nil means no limit.
  @Rare package var connectionLimit: Int?
  /// A sentence about access restrictions that are not enforced here, so that the route is not served. Nil if there are
  /// none, or the route has `ignore_access_control`.
  @Rare package var restriction: String?
  /// `middlewares.cidr_whitelist`: nil serves every client.
  @Rare package var allowedClients: ClientAllowance?
  /// Kept for display: `proxmox.services`, `proxmox.files`.
  package var notes: [String] = []
  /// Problems of the route; any problem excludes it.
  package var problems: [Problem] = []

  package init(alias: RouteAlias, provider: ProviderName, location: SourceLocation) {
    (self.alias, self.provider, self.location) = (alias, provider, location)
  }
}

/// An explicit link, as declared in a route's `proxmox:`. It overrides the lookup and never falls back to it.
package struct ProxmoxReference: Hashable, Sendable {
  package enum Resource: Hashable, Sendable {
    case node(String)
    /// The node is only a hint, because guests move.
    case guest(VMID, nodeHint: String?)
  }

  package var resource: Resource
  /// Only needed if a node's name or a VMID exists in two clusters.
  package var cluster: ClusterName?

  package init(_ resource: Resource, cluster: ClusterName? = nil) {
    (self.resource, self.cluster) = (resource, cluster)
  }
}

/// A declaration in a box that all copies of a route share: it has dozens of parts whose references a copy would count.
package final class SharedDeclaration: Sendable {
  package let value: RouteDeclaration

  package init(_ value: RouteDeclaration) { self.value = value }
}

/// The versions of the PROXY protocol: 1 is text, 2 is binary.
package enum ProxyProtocolVersion: String, Sendable, CaseIterable { case v1, v2 }

/// What happens to the TLS of a TCP route's clients.
package enum StreamTLS: Sendable {
  /// Relayed like any other bytes.
  case untouched
  /// Terminated here; the upstream receives clear text.
  case terminated
  /// Relayed unchanged on the port shared with HTTPS routes, selected by the requested server name.
  case passthrough
}

/// `providers.default_host`: the host of a route that states none and matches no node or guest.
package enum DefaultHost: String, Sendable, CaseIterable {
  /// Such a route has no target.
  case none
  /// This machine.
  case localhost
}
