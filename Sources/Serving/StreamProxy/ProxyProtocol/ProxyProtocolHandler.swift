package import NIOCore
package import RouteModel

/// Reads the PROXY protocol header from a connection's first bytes, fires it as a user event (``ProxyHeader``), passes
/// the rest on and removes itself.
///
/// It is first in the pipeline of a connection for which ``ProxyProtocolPolicy/expectsHeader(from:)`` is true. A
/// connection that begins with anything else, ends before its header or exceeds the timeout gets an error fired and is
/// closed.
package final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler {
  package typealias InboundIn = ByteBuffer
  package typealias InboundOut = ByteBuffer

  package enum Failure: Error, CustomStringConvertible {
    case tooLate, ended
    package var description: String {
      self == .tooLate ? "no PROXY protocol header came in time" : "the connection ended before its PROXY header"
    }
  }

  private enum Progress { case reading, passing, failed }

  private let timeout: TimeAmount
  private var deadline: Scheduled<Void>?
  private var held = ByteBuffer()
  private var progress = Progress.reading

  package init(timeout: TimeAmount = .seconds(10)) { self.timeout = timeout }

  package func handlerAdded(context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.fail(Failure.tooLate, context) }
  }

  package func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch progress {
    case .reading: read(unwrapInboundIn(data), context)
    case .passing: context.fireChannelRead(data)
    case .failed: break
    }
  }

  private func read(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    var bytes = bytes
    held.writeBuffer(&bytes)
    do {
      guard let header = try ProxyHeader(readingFrom: &held) else { return }
      finish(header, context)
    } catch {
      fail(error, context)
    }
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // With explicit reads, the handlers behind this one did not see that the read was consumed.
    if progress == .reading { context.read() }
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if progress == .reading, case .inputClosed? = event as? ChannelEvent { return fail(Failure.ended, context) }
    context.fireUserInboundEventTriggered(event)
  }

  private func finish(_ header: ProxyHeader, _ context: ChannelHandlerContext) {
    progress = .passing
    context.fireUserInboundEventTriggered(header)
    if held.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(held.slice())) }
    held = ByteBuffer()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    guard progress == .reading else { return }
    progress = .failed
    held = ByteBuffer()
    context.fireErrorCaught(error)
    context.close(promise: nil)
  }
}

/// The peers whose connections begin with a PROXY protocol header.
package struct ProxyProtocolPolicy: Hashable, Sendable {
  /// Peers that are trusted to state the client's address.
  package var trustedProxies: [IPNetwork]
  package var isAccepted: Bool

  package init(isAccepted: Bool = false, trustedProxies: [IPNetwork] = []) {
    (self.isAccepted, self.trustedProxies) = (isAccepted, trustedProxies)
  }

  /// Whether a connection from that peer needs a ``ProxyProtocolHandler`` first. For all other peers, a header is part
  /// of the payload and is passed on unchanged.
  package func expectsHeader(from peer: SocketAddress?) -> Bool {
    guard isAccepted, let address = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return false }
    return trustedProxies.contains { $0.contains(address) }
  }
}
