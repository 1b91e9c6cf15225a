import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// A TLS client that ends with FIN alone, without a close alert, as scanners and many health checks do.
@Suite(.timeLimit(.minutes(5))) struct GoneTLSClientTests {
  private final class Served: Sendable {
    private struct Reference { weak var connection: ClientConnection? }
    private let reference = Mutex<NIOLoopBound<Reference>?>(nil)

    func set(_ connection: ClientConnection, on eventLoop: any EventLoop) {
      reference.withLock { $0 = NIOLoopBound(Reference(connection: connection), eventLoop: eventLoop) }
    }

    /// Whether anything keeps the connection in memory.
    func isKept(on eventLoop: any EventLoop) async throws -> Bool {
      guard let bound = reference.withLock({ $0 }) else { return true }
      return try await eventLoop.submit { bound.value.connection != nil }.get()
    }
  }

  /// NIOSSL waits for an hour here, if it is told to close a connection that is closed.
  private static func context(_ certificate: TestCertificate) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chainFile).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)))
    configuration.shutdownTimeout = .hours(1)
    return try NIOSSLContext(configuration: configuration)
  }

  @Test func leavesNothingInMemory() async throws {
    let (served, group) = (Served(), MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let context = try Self.context(try TestCertificate())
    let workers = try await ProxyWorkers(
      group: group, services: .forTest(), settings: ProxySettings(ProxyConfiguration(), identity: ProxyIdentity()))
    let listener = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let worker = try workers.worker(on: channel.eventLoop)
          let client = ClientConnection(peer: worker.peer(of: channel, isSecure: true), worker: worker)
          try channel.pipeline.syncOperations.addHandlers([NIOSSLServerHandler(context: context), client])
          served.set(client, on: channel.eventLoop)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let client = try await RawConnection.connect(to: UInt16(listener.localAddress?.port ?? 0), offering: ["http/1.1"])
    try await client.send("GET / HTTP/1.1\r\nHost: unknown\r\n\r\n")
    #expect(try await client.take(through: "404") != nil)
    #expect(try await served.isKept(on: group.next()))
    try await client.endWithoutAlert()
    try await eventually("nothing keeps the connection") { try await served.isKept(on: group.next()) ? nil : () }
    // Before the worker goes, whose deadlines run on.
    try await group.shutdownGracefully()
  }
}
