package import PeerTrust

/// An HTTP request with its time limits and trust policy.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET", head = "HEAD", post = "POST", put = "PUT", delete = "DELETE"
  }

  /// The HTTP version: `http1` (the default), or HTTP/2 with prior knowledge on clear text (RFC 9113 §3.3).
  package enum Version: Sendable { case http1, http2PriorKnowledge }

  package var method: Method
  /// An absolute `http` or `https` URL. Redirects are never followed.
  package var url: String
  package var headers: [(name: String, value: String)] = []
  package var body: [UInt8] = []
  /// From the start to the last byte of the answer, connecting included.
  package var timeout: Duration = .seconds(30)
  /// Up to the end of the TLS handshake; no longer than `timeout` in any case.
  package var connectTimeout: Duration = .seconds(30)
  package var trust: TrustPolicy = .systemRoots
  /// Connects to this Unix socket; the URL's host and port then only name the target.
  package var unixSocketPath: String?
  /// Nil means the URL's host.
  package var tlsServerName: TLSServerName?
  /// Applies to handshakes only, not to reused connections.
  package var tlsSignatures = SignatureAlgorithms.all
  /// A connection that has been idle for longer is not used again. pveproxy closes it after five seconds, and libcurl
  /// fails after the fifth connection that was closed.
  package var maxIdleTime: Duration = .seconds(4)
  /// Uses a new connection, and closes it after the answer.
  package var closesConnection = false
  package var version: Version = .http1
  /// Secrets of the request, which are masked in the answer.
  package var secrets: [String] = []
  /// An answer with a longer body is an error (`bodyTooLarge`).
  package var maximumBodySize: Int = 16 << 20

  package init(_ method: Method = .get, _ url: String) { (self.method, self.url) = (method, url) }
}
