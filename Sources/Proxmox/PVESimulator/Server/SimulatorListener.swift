import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The sockets of a simulator: a listening one per address, and the accepted connections.
final class SimulatorListener: Sendable {
  private struct Sockets {
    var listening: [any Channel] = []
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let addresses: [String]
  private let state: SimulatorState
  private let sockets = Mutex(Sockets())
  private let fault = Mutex<PreparedConnectionFault?>(nil)

  init(addresses: [String], state: SimulatorState) { (self.addresses, self.state) = (addresses, state) }

  static func tls(_ certificate: SelfSignedCertificate) throws -> TLSConfiguration {
    let leaf = try NIOSSLCertificate(bytes: Array(certificate.certificatePEM.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(certificate.keyPEM.utf8), format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(leaf)], privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    return configuration
  }

  /// Applies a fault to every connection, including the open ones; nil ends it.
  func breakConnections(_ broken: PreparedConnectionFault?) {
    fault.withLock { $0 = broken }
    for channel in sockets.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
  }

  /// Listens on every address at one port; for 0, at a port that is free on all of them.
  func open(port: UInt16) async throws -> UInt16 {
    for _ in 0..<50 {
      do {
        return try await bindAll(port: port)
      } catch let error as IOError where error.errnoCode == EADDRINUSE && port == 0 {
        await close()
      } catch {
        await close()
        throw error
      }
    }
    throw SimulatorError.noCommonPort(addresses: addresses)
  }

  private func bindAll(port: UInt16) async throws -> UInt16 {
    var port = port
    for address in addresses {
      let channel = try await bootstrap().bind(host: address, port: Int(port)).get()
      sockets.withLock { $0.listening.append(channel) }
      port = channel.localAddress?.port.map(UInt16.init) ?? port
    }
    return port
  }

  private func bootstrap() -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [weak self] channel in
        channel.eventLoop.makeCompletedFuture {
          guard let self else { throw ChannelError.ioOnClosedChannel }
          try self.accept(channel)
        }
      }
  }

  /// A node that is offline accepts no connections.
  private func accept(_ channel: any Channel) throws {
    guard let node = state.localNode(on: channel.localAddress?.ipAddress), node.isOnline else {
      throw ChannelError.ioOnClosedChannel
    }
    state.log.recordConnection()
    let identifier = ObjectIdentifier(channel)
    sockets.withLock { $0.connections[identifier] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.sockets.withLock { _ = $0.connections.removeValue(forKey: identifier) }
    }
    let broken = fault.withLock { $0 }
    if let broken, broken.handle(channel) { return }
    let tls = try broken?.otherTLS ?? state.issued(on: channel.localAddress?.ipAddress).tls
    try prepare(channel.pipeline.syncOperations, tls: tls)
  }

  private func prepare(_ pipeline: ChannelPipeline.SynchronousOperations, tls: NIOSSLContext) throws {
    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
    // An answer without Content-Length ends with its connection, as PVE's do; NIO would use chunks.
    var encoding = HTTPResponseEncoder.Configuration()
    encoding.automaticallySetFramingHeaders = false
    try pipeline.configureHTTPServerPipeline(withEncoderConfiguration: encoding)
    try pipeline.addHandler(ConnectionHandler(state: state))
  }

  func close() async {
    for channel in removeAll() { try? await channel.close() }
  }

  func closeSoon() {
    for channel in removeAll() { channel.close(promise: nil) }
  }

  private func removeAll() -> [any Channel] {
    sockets.withLock { sockets in
      defer { sockets = Sockets() }
      return sockets.listening + sockets.connections.values
    }
  }
}
