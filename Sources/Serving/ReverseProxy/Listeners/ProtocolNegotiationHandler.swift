import HTTPMessages
import NIOCore
import NIOSSL
import NIOTLS
import ProxyTLS
import StreamProxy

/// The last handler of a new connection until its client address and protocol are known: after the PROXY header of a
/// trusted proxy and the TLS handshake.
final class ProtocolNegotiationHandler: ChannelInboundHandler, RemovableChannelHandler, ServedConnection {
  typealias InboundIn = ByteBuffer

  private let isSecure: Bool
  private let worker: ProxyWorker
  private let expectsHeader: Bool
  private var context: ChannelHandlerContext?
  private var header: ProxyHeader?
  private(set) var deadline = NIODeadline.distantFuture
  private(set) var idleSince: NIODeadline?
  let unreadBytes = 0

  private init(isSecure: Bool, expectsHeader: Bool, worker: ProxyWorker) {
    (self.isSecure, self.expectsHeader, self.worker) = (isSecure, expectsHeader, worker)
  }

  /// Configures the pipeline of an accepted connection.
  static func configure(_ channel: any Channel, isSecure: Bool, worker: ProxyWorker) throws {
    let expectsHeader = worker.settings.proxyProtocol.expectsHeader(from: channel.remoteAddress)
    let pipeline = channel.pipeline.syncOperations
    guard isSecure || expectsHeader else {
      return try pipeline.addHandler(ClientConnection(peer: worker.peer(of: channel), worker: worker))
    }
    let handler = ProtocolNegotiationHandler(isSecure: isSecure, expectsHeader: expectsHeader, worker: worker)
    if expectsHeader { try pipeline.addHandler(ProxyProtocolHandler()) }
    if isSecure {
      try pipeline.addHandler(TLSDetectionHandler { handler.refuseClearText() })
      let hello = SNIHandler { result in handler.hello(result) }
      try pipeline.addHandler(ByteToMessageHandler(hello, maximumBufferSize: 32 * 1024))
    }
    try pipeline.addHandler(handler)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    // First, because the clock of the deadlines stops while there is no observer.
    worker.add(self)
    idleSince = worker.deadlines.now
    deadline = worker.deadline(worker.settings.timeouts.requestHeader)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    worker.remove(self)
    self.context = nil
  }

  func deadlinePassed() { close() }

  /// Does nothing: there is no exchange yet.
  func followGates() {}

  /// Called when the agent stops: a connection without a request is closed.
  func drain() { close() }

  func close() { context?.close(promise: nil) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let header as ProxyHeader:
      self.header = header
      if !isSecure { startHTTP1() }
    case TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"): startHTTP2()
    case TLSUserEvent.handshakeCompleted: startHTTP1()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  // MARK: TLS

  /// Handles the TLS ClientHello: TLS of the requested server is passed through or ends here.
  private func hello(_ result: SNIResult) -> EventLoopFuture<Void> {
    guard let context else { return worker.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
    let name: String? = if case .hostname(let name) = result { name } else { nil }
    return context.eventLoop.makeCompletedFuture { try answerHello(name, context) }
  }

  private func answerHello(_ name: String?, _ context: ChannelHandlerContext) throws {
    if let name, let route = worker.relayedRoute(for: name) {
      try context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
      try worker.services.streams.relay(context.channel, to: route, firstBytes: ByteBuffer(), header: header)
      return context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
    guard let certificate = worker.services.certificates.context(forServername: name) else {
      return context.close(promise: nil)
    }
    try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate), position: .before(self))
  }

  /// Answers clear text on the HTTPS port, because browsers show only a closed connection otherwise.
  private func refuseClearText() { startHTTP1()?.refuse(.notTLS, accept: "text/plain") }

  // MARK: HTTP

  @discardableResult
  private func startHTTP1() -> ClientConnection? {
    guard let context else { return nil }
    let client = ClientConnection(peer: peer(context.channel), worker: worker)
    replace(by: client, context)
    return client
  }

  private func startHTTP2() {
    guard let context else { return }
    do {
      try HTTP2Connection.start(
        on: context.channel, after: self, peer: peer(context.channel), worker: worker)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    } catch { context.close(promise: nil) }
  }

  private func peer(_ channel: any Channel) -> ClientPeer {
    worker.peer(of: channel, address: header?.endpoints?.source, isSecure: isSecure)
  }

  private func replace(by handler: any ChannelHandler, _ context: ChannelHandlerContext) {
    do {
      try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    } catch { context.close(promise: nil) }
  }
}

/// Checks whether a connection starts with a TLS handshake; if so, passes the bytes on and removes itself.
final class TLSDetectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  /// Content type of a handshake record (RFC 8446 §5.1).
  private static let handshake: UInt8 = 22

  /// Called once for clear text; no bytes are passed on then.
  private let onClearText: () -> Void
  private var isClearText = false

  init(onClearText: @escaping () -> Void) { self.onClearText = onClearText }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard !isClearText, let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
    if first == Self.handshake {
      context.fireChannelRead(data)
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    } else {
      isClearText = true
      onClearText()
    }
  }
}
