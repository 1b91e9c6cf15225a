import NIOCore
import NIOHTTP1

/// A client's connection under pveproxy's rules: a limited number of requests and idle time, and no request after an
/// error.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let state: SimulatorState
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var served = 0
  private var idleTimer: Scheduled<Void>?

  init(state: SimulatorState) { self.state = state }

  func channelActive(context: ChannelHandlerContext) {
    startIdleTimer(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    idleTimer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      idleTimer?.cancel()
      (self.head, body) = (head, [])
    case .body(let bytes):
      body += bytes.readableBytesView
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    served += 1
    let request = SimulatorRequest(
      method: head.method.rawValue, target: head.uri, authorization: head.headers.first(name: "authorization"),
      cookie: head.headers.first(name: "cookie"), csrfToken: head.headers.first(name: "csrfpreventiontoken"),
      body: body,
      localNode: state.localNode(on: context.localAddress?.ipAddress)?.name ?? "",
      localAddress: context.localAddress?.ipAddress)
    record(request, head)
    let fault = state.nextFault(for: request)
    switch fault {
    case .hang: return
    case .drop: context.close(promise: nil)
    default:
      var answer = fault?.answer(replacing: { self.state.answer(to: request) }) ?? state.answer(to: request)
      answer.delay += state.configuration.latency
      send(answer, isTruncated: fault?.isTruncation ?? false, isHead: head.method == .HEAD, context)
    }
  }

  private func record(_ request: SimulatorRequest, _ head: HTTPRequestHead) {
    let query = head.uri.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    state.log.record(
      SimulatedRequest(
        method: request.method, path: request.segments == nil ? request.path : request.apiPath, query: String(query)),
      hasCredentials: request.authorization != nil || request.cookie != nil)
  }

  private func send(_ answer: SimulatorResponse, isTruncated: Bool, isHead: Bool, _ context: ChannelHandlerContext) {
    guard answer.delay > .zero else { return write(answer, isTruncated: isTruncated, isHead: isHead, context) }
    context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(answer.delay)) {
      self.write(answer, isTruncated: isTruncated, isHead: isHead, context)
    }
  }

  private func write(_ answer: SimulatorResponse, isTruncated: Bool, isHead: Bool, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    let isLast = answer.connection == .close || served >= state.configuration.requestsPerConnection || isTruncated
    let head = HTTPResponseHead(
      version: .http1_1, status: .custom(code: UInt(answer.status), reasonPhrase: answer.reason),
      headers: headers(of: answer, isLast: isLast))
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if let body = answer.body, !isHead {
      let sent = isTruncated ? body.prefix(body.count / 2) : body[...]
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: sent)))), promise: nil)
    }
    // Before `.end` is written, because that may deliver the next request at once.
    if !isLast { startIdleTimer(context) }
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if isLast { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
  }

  private func headers(of answer: SimulatorResponse, isLast: Bool) -> HTTPHeaders {
    var headers: HTTPHeaders = [
      "Server": "pve-api-daemon/3.0", "Cache-Control": "max-age=0", "Pragma": "no-cache",
      "Content-Type": answer.contentType,
    ]
    if let encoding = answer.encoding { headers.add(name: "Content-Encoding", value: encoding) }
    if let body = answer.body { headers.add(name: "Content-Length", value: String(body.count)) }
    let isProtected = answer.connection == .protected && state.configuration.closesAfterProtectedCalls
    if isLast || isProtected { headers.add(name: "Connection", value: "close") }
    if !isLast { headers.add(name: "Connection", value: "Keep-Alive") }
    return headers
  }

  private func startIdleTimer(_ context: ChannelHandlerContext) {
    idleTimer?.cancel()
    let limit = TimeAmount(state.configuration.idleTimeout)
    idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
  }
}
