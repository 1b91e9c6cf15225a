import NIOSSL

/// The TLS contexts of one certificate, by the protocols they offer.
struct ServerContexts {
  /// Offers the protocols of the reverse proxy.
  let http: NIOSSLContext
  /// Offers no protocol (ALPN, RFC 7301): that of a stream's upstream is unknown, and a client would use HTTP/2 if it
  /// were offered.
  let stream: NIOSSLContext

  init(_ configuration: TLSConfiguration) throws {
    var configuration = configuration
    configuration.applicationProtocols = []
    stream = try NIOSSLContext(configuration: configuration)
    configuration.applicationProtocols = ["h2", "http/1.1"]
    http = try NIOSSLContext(configuration: configuration)
  }
}
