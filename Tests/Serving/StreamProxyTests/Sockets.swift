import Glibc
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import StreamProxy

/// A TCP peer under a test's control, which reads only on request.
final class TestPeer: Sendable {
  let channel: any Channel
  private let inbox: Inbox

  private init(_ channel: any Channel, _ inbox: Inbox) { (self.channel, self.inbox) = (channel, inbox) }

  /// Connects to `127.0.0.1:port` or another address.
  static func connect(
    to host: String = "127.0.0.1", port: Int, reads: Bool = true,
    tls: (@Sendable () throws -> any ChannelHandler)? = nil
  ) async throws -> TestPeer {
    let inbox = Inbox()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(120))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(tls()) }
          try channel.pipeline.syncOperations.addHandler(inbox.handler())
        }
      }
      .connect(host: host, port: port).get()
    return TestPeer(channel, inbox)
  }

  var bytes: [UInt8] { inbox.state.withLock { $0.bytes } }
  var text: String { inbox.state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
  var count: Int { inbox.state.withLock { $0.bytes.count } }
  /// Whether the other end has ended its output, or the connection is gone.
  var sawEnd: Bool { inbox.state.withLock { $0.isEnded } }
  var isClosed: Bool { !channel.isActive }

  func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

  /// Does not wait, because a peer may not read for a long time.
  func begin(sending bytes: Int) {
    channel.writeAndFlush(ByteBuffer(repeating: UInt8(ascii: "x"), count: bytes), promise: nil)
  }

  /// Ends this side's output; the other side's is still read.
  func finish() async throws {
    // Cancelled, it drops what the peer does not read, instead of waiting for that for ever.
    try await withTaskCancellationHandler {
      // NIO drops unwritten bytes if the other end has already ended its output.
      try await channel.writeAndFlush(ByteBuffer())
      try await channel.close(mode: .output)
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  func close() async throws { try await channel.close() }

  /// Closes with a TCP reset (socket(7), SO_LINGER with no time).
  func reset() async throws {
    let options = channel as? any SocketOptionProvider
    try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    try await channel.close()
  }

  /// Sends one byte that overtakes the others (tcp(7), MSG_OOB).
  func sendUrgent(_ byte: UInt8) async throws {
    let sent = try await channel.eventLoop.submit {
      try self.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
        withUnsafeBytes(of: byte) { Glibc.send(socket, $0.baseAddress, 1, Int32(MSG_OOB)) }
      }
    }.get()
    #expect(sent == 1)
  }

  func readOn() async throws { try await channel.setOption(.autoRead, value: true).get() }

  func wait(for text: String) async throws {
    try await eventually("'\(text)' arrives; there is '\(self.text)'") { self.text == text ? () : nil }
  }

  func waitForEnd() async throws { try await eventually("the end arrives") { sawEnd ? () : nil } }

  /// Accepts connections, each as a separate peer.
  final class Listener: Sendable {
    let port: Int
    private let channel: any Channel
    private let accepted: Accepted

    init(host: String = "127.0.0.1", reads: Bool = true) async throws {
      let accepted = Accepted()
      channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(.autoRead, value: reads)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let inbox = Inbox()
            try channel.pipeline.syncOperations.addHandler(inbox.handler())
            accepted.peers.withLock { $0.append(TestPeer(channel, inbox)) }
          }
        }
        .bind(host: host, port: 0).get()
      self.accepted = accepted
      port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    var count: Int { accepted.peers.withLock { $0.count } }

    func accept(_ index: Int = 0) async throws -> TestPeer {
      try await eventually("connection \(index) arrives") {
        accepted.peers.withLock { $0.count > index ? $0[index] : nil }
      }
    }

    /// The connection from this address.
    func accept(from client: SocketAddress?) async throws -> TestPeer {
      try await eventually("a connection from \(client?.description ?? "nowhere") arrives") {
        accepted.peers.withLock { $0.first { $0.channel.remoteAddress == client } }
      }
    }

    func stop() async throws { try await channel.stopListening() }
  }

  private final class Accepted: Sendable {
    let peers = Mutex<[TestPeer]>([])
  }

  private final class Inbox: Sendable {
    struct State {
      var bytes: [UInt8] = []
      var isEnded = false
    }

    let state = Mutex(State())

    func handler() -> Handler { Handler(self) }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox
    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      inbox.state.withLock { $0.bytes.append(contentsOf: bytes.readableBytesView) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case .inputClosed? = event as? ChannelEvent { inbox.state.withLock { $0.isEnded = true } }
      context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
      inbox.state.withLock { $0.isEnded = true }
      context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
