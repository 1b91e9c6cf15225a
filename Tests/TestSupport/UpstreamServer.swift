import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real HTTP/1.1 upstream on loopback that answers as a test specifies.
///
/// It listens from its initialiser on, on a free port of its own loopback address, so that nothing else takes the port
/// between ``stop()`` and ``start()``.
package final class UpstreamServer: Sendable {
  /// The answer to a request.
  package enum Answer: Sendable {
    case status(Int, body: String = "")
    /// None: the request stays open until the server stops.
    case silence
    /// The connection closes without an answer.
    case hangUp
  }

  package struct Request: Hashable, Sendable {
    package var method: String
    package var path: String
    package var host: String?
    package var authorization: String?
    package var body = ""
  }

  package let host: String
  package let port: UInt16
  private let script: Script
  private let tls: NIOSSLContext?

  /// - Parameters:
  ///   - host: an address in 127.0.0.0/8; nil selects a random one.
  ///   - certificate: makes it an HTTPS server.
  ///   - answer: the answer to every request until ``answer(_:with:)`` changes it.
  package init(
    host: String? = nil, certificate: TestCertificate? = nil, answer: Answer = .status(200)
  ) async throws {
    let host = host ?? "127.\((1...254).map { $0 }.randomElement() ?? 1).\(UInt8.random(in: 0...255)).7"
    let script = Script(answer)
    let tls = try certificate.map { try Self.tlsContext($0) }
    var listener = try await Self.listen(host, 0, script, tls)
    // For a route without a scheme, such ports imply https.
    while let port = listener.localAddress?.port, port % 1000 == 443 || port == 8006 {
      try await listener.close()
      listener = try await Self.listen(host, 0, script, tls)
    }
    (self.host, self.script, self.tls) = (host, script, tls)
    port = UInt16(listener.localAddress?.port ?? 0)
    script.opened(listener)
  }

  deinit { script.takeChannels().forEach { $0.close(promise: nil) } }

  /// `http://HOST:PORT`, or `https`.
  package var url: String { "\(tls == nil ? "http" : "https")://\(host):\(port)" }

  /// All requests so far, in the order of arrival.
  package var requests: [Request] { script.state.withLock { $0.requests } }

  /// Sets the answer to requests of a method from now on; nil applies to all methods without their own.
  package func answer(_ method: String? = nil, with answer: Answer) {
    script.state.withLock { state in
      if let method { state.byMethod[method] = answer } else { state.otherwise = answer }
    }
  }

  /// Sets the answers to the next requests, one each; later requests get the usual ones.
  package func answer(next answers: [Answer]) { script.state.withLock { $0.next = answers } }

  /// Stops listening and drops all connections: once this returns, the port refuses connections.
  package func stop() async throws {
    for channel in script.takeChannels() {
      if channel.parent == nil { try? await channel.stopListening() } else { try? await channel.close() }
    }
  }

  /// Listens again, on the same port.
  package func start() async throws {
    script.state.withLock { $0.isStopped = false }
    script.opened(try await Self.listen(host, port, script, tls))
  }

  private static func tlsContext(_ certificate: TestCertificate) throws -> NIOSSLContext {
    try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chainFile).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem))))
  }

  private static func listen(
    _ host: String, _ port: UInt16, _ script: Script, _ tls: NIOSSLContext?
  ) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(UpstreamRequestHandler(script))
          script.opened(channel)
        }
      }
      .bind(host: host, port: Int(port)).get()
  }

  /// The state shared by the connections and the test.
  final class Script: Sendable {
    struct State {
      var otherwise: Answer
      var byMethod: [String: Answer] = [:]
      var next: [Answer] = []
      var requests: [Request] = []
      var channels: [ObjectIdentifier: any Channel] = [:]
      var isStopped = false
    }

    let state: Mutex<State>

    init(_ answer: Answer) { state = Mutex(State(otherwise: answer)) }

    /// Keeps a channel in order to close it at the end. A channel that was accepted while the server stopped is closed
    /// at once.
    func opened(_ channel: any Channel) {
      let id = ObjectIdentifier(channel)
      let isLate = state.withLock { state in
        if !state.isStopped { state.channels[id] = channel }
        return state.isStopped
      }
      if isLate { return channel.close(promise: nil) }
      channel.closeFuture.whenComplete { [weak self] _ in
        self?.state.withLock { _ = $0.channels.removeValue(forKey: id) }
      }
    }

    /// Stops the server; returns the open channels.
    func takeChannels() -> [any Channel] {
      state.withLock { state in
        state.isStopped = true
        defer { state.channels = [:] }
        return Array(state.channels.values)
      }
    }

    func answer(to request: Request) -> Answer {
      state.withLock { state in
        state.requests.append(request)
        if !state.next.isEmpty { return state.next.removeFirst() }
        return state.byMethod[request.method] ?? state.otherwise
      }
    }
  }
}
