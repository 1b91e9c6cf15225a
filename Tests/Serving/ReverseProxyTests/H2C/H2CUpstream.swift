import NIOCore
import NIOHTTP2
import NIOPosix
import Synchronization
import TestSupport

/// An upstream with HTTP/2 in clear text on its own loopback address, which runs a script for each request.
final class H2CUpstream: Sendable {
  let host: String
  let port: UInt16
  private let listener: any Channel
  private let accepted: Accepted

  /// - Parameters:
  ///   - streams: limit of concurrent streams per connection.
  ///   - laterConnections: before it opens, only the first connection is answered.
  ///   - script: runs once for each request; the stream closes at its end.
  init(
    streams: Int = 1000, laterConnections: Gate? = nil,
    _ script: @escaping @Sendable (H2CStream) async throws -> Void
  ) async throws {
    host = "127.\((1...254).randomElement() ?? 1).\(UInt8.random(in: 0...255)).13"
    let accepted = Accepted()
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        let isFirst = accepted.connections.withLock {
          $0.append(channel)
          return $0.count == 1
        }
        let isAnswered = channel.eventLoop.makePromise(of: Void.self)
        isAnswered.completeWithTask { if !isFirst { try await laterConnections?.wait() } }
        return isAnswered.futureResult.flatMapThrowing {
          var settings = NIOHTTP2Handler.ConnectionConfiguration()
          settings.initialSettings = [HTTP2Setting(parameter: .maxConcurrentStreams, value: streams)]
          let newest = H2CStream.Newest()
          _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: settings, streamConfiguration: .init()
          ) { channel in
            channel.eventLoop.makeCompletedFuture { try accepted.run(script, on: H2CStream(channel, newest: newest)) }
          }
        }
      }
      .bind(host: host, port: 0).get()
    self.accepted = accepted
    port = UInt16(listener.localAddress?.port ?? 0)
  }

  deinit {
    listener.close(promise: nil)
    accepted.tasks.withLock { $0 }.forEach { $0.cancel() }
    accepted.connections.withLock { $0 }.forEach { $0.close(promise: nil) }
  }

  /// Number of accepted connections.
  var connections: Int { accepted.connections.withLock { $0.count } }
  var openConnections: Int { accepted.connections.withLock { $0.filter(\.isActive).count } }
  var requests: Int { accepted.tasks.withLock { $0.count } }

  /// Closes the listener; open connections continue.
  func stopListening() async throws { try await listener.stopListening() }

  private final class Accepted: Sendable {
    let connections = Mutex<[any Channel]>([])
    let tasks = Mutex<[Task<Void, Never>]>([])

    func run(_ script: @escaping @Sendable (H2CStream) async throws -> Void, on stream: H2CStream) throws {
      try stream.attach()
      let task = Task {
        // The proxy may close the connection at any moment: that is part of the tests.
        try? await script(stream)
        stream.close()
      }
      tasks.withLock { $0.append(task) }
    }
  }
}
