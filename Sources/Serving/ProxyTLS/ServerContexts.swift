import NIOSSL

/// One certificate's handshakes, by what is spoken behind them.
struct ServerContexts {
  /// Offers what the reverse proxy speaks.
  let http: NIOSSLContext
  /// Offers nothing (ALPN, RFC 7301): what the upstream of a stream speaks is unknown, and a client that was promised HTTP/2
  /// would speak it.
  let stream: NIOSSLContext

  init(_ configuration: TLSConfiguration) throws {
    var configuration = configuration
    configuration.applicationProtocols = []
    stream = try NIOSSLContext(configuration: configuration)
    configuration.applicationProtocols = ["h2", "http/1.1"]
    http = try NIOSSLContext(configuration: configuration)
  }
}
