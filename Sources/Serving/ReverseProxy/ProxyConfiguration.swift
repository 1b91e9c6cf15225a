package import HTTPMessages
package import ProxyTLS
package import ProxyTraffic
package import RouteModel
package import StreamProxy

/// `proxy:` of pvescout.yml: where routes are served, and within which limits.
package struct ProxyConfiguration: Hashable, Sendable {
  /// `ADDRESS:PORT`, with brackets round an IPv6 address.
  package struct Address: Hashable, Sendable {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }
  }

  /// How long each part of an exchange may take.
  package struct Timeouts: Hashable, Sendable {
    /// For an upstream to accept a connection, its TLS handshake included.
    package var connect = Duration.seconds(5)
    /// For a client to send a request head, and to finish its TLS handshake.
    package var requestHeader = Duration.seconds(30)
    /// For an upstream to begin its response once it has the request; a route's `response_header_timeout` goes first.
    /// Long polls hold it back for a minute or more.
    package var responseHeader = Duration.seconds(300)
    /// Without a byte of a response that has begun, from the upstream or taken by the client; nil: for ever. An event
    /// stream may be silent and a download may be paused; TCP keep-alive finds peers that are gone.
    package var responseIdle: Duration?
    /// Without a byte either way: of a kept-alive client, and in the middle of a request's body.
    package var idle = Duration.seconds(75)
    /// Without a byte from a client that was answered before its request had ended, and that is read on so that it gets the
    /// answer; within `requestHeader` in all.
    package var lingering = Duration.seconds(2)
    /// For a connection to an upstream that nobody uses: below the five seconds after which Node.js and PVE close theirs,
    /// for whoever closes first loses no request.
    package var upstreamIdle = Duration.seconds(4)
    /// Without a byte either way in a tunnel (WebSocket).
    package var tunnel = Duration.seconds(3600)
    /// For requests in flight when the agent stops.
    package var drain = Duration.seconds(10)

    package init() {}
  }

  package var http: Address?
  package var https: Address?
  /// The first one serves clients that name no host which a certificate knows.
  package var certificates: [CertificateFiles] = []
  /// Under which domains the first label of a Host finds a short alias.
  package var matchDomains: [String] = []
  /// Peers whose forwarded headers and PROXY headers are believed.
  package var trustedProxies: [IPNetwork] = []
  /// Connections of trusted peers begin with a PROXY protocol header (v1 or v2).
  package var acceptsProxyProtocol = false
  /// Requests in clear text are sent to `https`, where that is listened on.
  package var redirectsHTTP = false
  /// Requests tell their upstream which route was chosen, and where it leads.
  package var addsRouteHeaders = false
  package var timeouts = Timeouts()
  package var limits = MessageLimits()
  package var streams = StreamConfiguration()
  package var accessLog: AccessLogConfiguration?

  package init() {}
}
