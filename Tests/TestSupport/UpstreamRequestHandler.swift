import NIOCore
import NIOHTTP1

/// One connection of an ``UpstreamServer``.
final class UpstreamRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let script: UpstreamServer.Script
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()

  init(_ script: UpstreamServer.Script) { self.script = script }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): (self.head, body) = (head, ByteBuffer())
    case .body(var part): body.writeBuffer(&part)
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  /// A client that refuses the certificate or breaks off is part of the tests.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let request = UpstreamServer.Request(
      method: head.method.rawValue, path: head.uri, host: head.headers.first(name: "host"),
      authorization: head.headers.first(name: "authorization"), body: String(buffer: body))
    switch script.answer(to: request) {
    case .silence: break
    case .hangUp: context.close(promise: nil)
    case .status(let status, let body): respond(status, body, to: head, context)
    }
  }

  private func respond(_ status: Int, _ body: String, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let response = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: status),
      headers: ["content-length": "\(body.utf8.count)", "server": "upstream"])
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    if head.method != .HEAD, !body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if !head.isKeepAlive { context.close(promise: nil) }
  }
}
