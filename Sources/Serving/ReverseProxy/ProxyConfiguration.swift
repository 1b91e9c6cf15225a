package import HTTPMessages
package import ProxyTLS
package import ProxyTraffic
package import RouteModel
package import StreamProxy

/// `proxy:` of pvescout.yml: listeners, limits and time-outs of the HTTP proxy.
package struct ProxyConfiguration: Hashable, Sendable {
  /// `ADDRESS:PORT`, with brackets around an IPv6 address.
  package struct Address: Hashable, Sendable {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }
  }

  /// Time limits for the parts of an exchange.
  package struct Timeouts: Hashable, Sendable {
    /// For connecting to an upstream, including the TLS handshake.
    package var connect = Duration.seconds(5)
    /// For a client to send a request head, and to finish its TLS handshake.
    package var requestHeader = Duration.seconds(30)
    /// For an upstream to begin its response after the whole request; overridden by a route's `response_header_timeout`.
    /// Long polls answer after a minute or more.
    package var responseHeader = Duration.seconds(300)
    /// Without progress of a response that has begun, from the upstream or to the client; nil: no limit. An event stream
    /// may be silent and a download may be paused; TCP keep-alive detects lost peers.
    package var responseIdle: Duration?
    /// Without a byte in either direction: between a client's requests, and in the middle of a request's body.
    package var idle = Duration.seconds(75)
    /// Without a byte from a client whose last response was sent while it may still be sending; at most `requestHeader` in
    /// total.
    package var lingering = Duration.seconds(2)
    /// For an idle connection to an upstream. Less than the five seconds of Node.js and PVE, so that the proxy closes first
    /// and loses no request.
    package var upstreamIdle = Duration.seconds(4)
    /// Without a byte either way in a tunnel (WebSocket).
    package var tunnel = Duration.seconds(3600)
    /// For requests in flight when the agent stops.
    package var drain = Duration.seconds(10)

    package init() {}
  }

  package var http: Address?
  package var https: Address?
  /// The first one is the default for clients whose server name matches no certificate.
  package var certificates: [CertificateFiles] = []
  /// Domains under which the first label of a host is a short alias.
  package var matchDomains: [String] = []
  /// Peers whose forwarding fields and PROXY headers are accepted.
  package var trustedProxies: [IPNetwork] = []
  /// Whether connections of trusted proxies begin with a PROXY protocol header (v1 or v2).
  package var acceptsProxyProtocol = false
  /// Whether requests in clear text are redirected to `https` if that has a listener.
  package var redirectsHTTP = false
  /// Whether requests to upstreams contain the route and its target in `X-Pvescout-Upstream-*`.
  package var addsRouteHeaders = false
  package var timeouts = Timeouts()
  package var limits = MessageLimits()
  package var streams = StreamConfiguration()
  package var accessLog: AccessLogConfiguration?

  package init() {}
}
