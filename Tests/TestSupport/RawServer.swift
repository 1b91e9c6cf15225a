import NIOCore
import NIOPosix
import Synchronization

/// A server on its own loopback address that passes each connection to a test's script.
package final class RawServer: Sendable {
  package let host: String
  package let port: UInt16
  private let listener: any Channel
  private let accepted: Accepted

  /// - Parameters:
  ///   - reading: if false, received bytes stay in the kernel until the script calls ``RawConnection/read()``.
  ///   - script: runs once for each connection, which closes at its end.
  package init(
    reading: Bool = true, _ script: @escaping @Sendable (RawConnection) async throws -> Void
  ) async throws {
    host = "127.\((1...254).randomElement() ?? 1).\(UInt8.random(in: 0...255)).11"
    let accepted = Accepted()
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.autoRead, value: reading)
      .childChannelInitializer { channel in
        let inbox = RawConnection.Handler()
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(inbox.adapter)
          accepted.run(script, on: RawConnection(channel, inbox))
        }
      }
      .bind(host: host, port: 0).get()
    self.accepted = accepted
    port = UInt16(listener.localAddress?.port ?? 0)
  }

  deinit {
    listener.close(promise: nil)
    accepted.cancel()
  }

  /// Once this returns, the port refuses connections; existing ones continue.
  package func stopListening() async throws { try await listener.stopListening() }

  /// The number of accepted connections.
  package var connections: Int { accepted.tasks.withLock { $0.count } }

  private final class Accepted: Sendable {
    let tasks = Mutex<[Task<Void, Never>]>([])

    func run(_ script: @escaping @Sendable (RawConnection) async throws -> Void, on connection: RawConnection) {
      let task = Task {
        // The proxy may close the connection at any moment, which is part of the tests.
        try? await script(connection)
        connection.close()
      }
      tasks.withLock { $0.append(task) }
    }

    func cancel() { tasks.withLock { $0 }.forEach { $0.cancel() } }
  }
}
