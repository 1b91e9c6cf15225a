import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real HTTP/1.1 upstream on loopback that does as a test tells it.
///
/// It listens from its initialiser on, on a free port of a loopback address of its own, so that nobody else takes that
/// port between ``stop()`` and ``start()``.
package final class UpstreamServer: Sendable {
  /// What a request gets.
  package enum Answer: Sendable {
    case status(Int, body: String = "")
    /// Nothing: the request stays open until the server stops.
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
  ///   - host: an address in 127.0.0.0/8; nil takes one at random.
  ///   - certificate: makes it an HTTPS server.
  ///   - answer: what every request gets until ``answer(_:with:)`` says otherwise.
  package init(
    host: String? = nil, certificate: TestCertificate? = nil, answer: Answer = .status(200)
  ) async throws {
    let host = host ?? "127.\((1...254).map { $0 }.randomElement() ?? 1).\(UInt8.random(in: 0...255)).7"
    let script = Script(answer)
    let tls = try certificate.map { try Self.tlsContext($0) }
    var listener = try await Self.listen(host, 0, script, tls)
    // Where a route states no scheme, such ports mean https.
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

  /// All requests so far, in the order in which they came.
  package var requests: [Request] { script.state.withLock { $0.requests } }

  /// From now on, requests of that method get that answer; nil means every method that has none of its own.
  package func answer(_ method: String? = nil, with answer: Answer) {
    script.state.withLock { state in
      if let method { state.byMethod[method] = answer } else { state.otherwise = answer }
    }
  }

  /// The next requests get these, one each; the ones after them what they would have got.
  package func answer(next answers: [Answer]) { script.state.withLock { $0.next = answers } }

  /// Stops listening and drops every connection: from its return on the port refuses.
  package func stop() async throws {
    for channel in script.takeChannels() { try? await channel.close() }
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

  /// What the connections share with the test.
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

    /// Keeps a channel to close it at the end. One that was accepted while the server stopped is closed at once.
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

    /// Stops: hands over what is open.
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
