import NIOCore
import NIOHPACK
import NIOHTTP2
import Synchronization
import TestSupport

/// One request to an ``H2CUpstream``, controlled by a script.
final class H2CStream: Sendable {
  private struct Inbox {
    var head: HPACKHeaders?
    var body = ByteBuffer()
    var trailers: HPACKHeaders?
    var isWhole = false
    var isClosed = false
    var reason: HTTP2ErrorCode?
  }

  private let channel: any Channel
  private let newest: Newest
  private let inbox = Mutex(Inbox())

  /// - Parameter newest: that of the stream's connection.
  init(_ channel: any Channel, newest: Newest) { (self.channel, self.newest) = (channel, newest) }

  /// The newest stream of a connection.
  final class Newest: Sendable {
    private let number = Mutex(HTTP2StreamID.rootStream)

    var id: HTTP2StreamID { number.withLock { $0 } }

    func note(_ id: HTTP2StreamID) { number.withLock { $0 = max($0, id) } }
  }

  /// Shared by all streams of a connection.
  var connection: ObjectIdentifier { ObjectIdentifier(newest) }

  func attach() throws { try channel.pipeline.syncOperations.addHandler(Handler(self)) }

  // MARK: The request

  func head() async throws -> HPACKHeaders { try await wait("the head") { $0.head } }

  var path: String {
    get async throws { try await head().first(name: ":path") ?? "" }
  }

  /// The whole body; `trailers` can be read after that.
  func body() async throws -> [UInt8] {
    try await wait("the end of the request") { $0.isWhole ? Array($0.body.readableBytesView) : nil }
  }

  var trailers: HPACKHeaders? { inbox.withLock { $0.trailers } }
  var received: Int { inbox.withLock { $0.body.readableBytes } }
  var isWhole: Bool { inbox.withLock { $0.isWhole } }

  /// Stops reading the body until ``resumeReading()``.
  func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

  func resumeReading() async throws {
    try await channel.setOption(.autoRead, value: true).get()
    channel.read()
  }

  /// Waits for the proxy's RST_STREAM and returns its reason.
  func reset() async throws -> HTTP2ErrorCode? {
    try await wait("a reset") { $0.isClosed ? .some($0.reason) : nil }
  }

  private func wait<Value>(_ what: String, _ look: (Inbox) -> Value?) async throws -> Value {
    try await eventually(every: .milliseconds(2), "\(what) comes") { inbox.withLock { look($0) } }
  }

  // MARK: The response

  func respond(_ status: Int = 200, _ fields: HPACKHeaders = [:], isEnd: Bool = false) async throws {
    var headers: HPACKHeaders = [":status": "\(status)"]
    headers.add(contentsOf: fields)
    try await write(.headers(.init(headers: headers, endStream: isEnd)))
  }

  /// Sends the head and the beginning of the body together.
  func respond(andSend text: String) async throws {
    let head = HTTP2Frame.FramePayload.headers(.init(headers: [":status": "200"]))
    channel.write(head, promise: nil)
    try await send(text)
  }

  /// Returns once flow control has admitted all of it.
  func send(_ bytes: [UInt8], isEnd: Bool = false) async throws {
    try await write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isEnd)))
  }

  func send(_ text: String, isEnd: Bool = false) async throws { try await send(Array(text.utf8), isEnd: isEnd) }

  func end(_ trailers: HPACKHeaders) async throws {
    try await write(.headers(.init(headers: trailers, endStream: true)))
  }

  /// Sends a whole response.
  func answer(_ text: String, _ fields: HPACKHeaders = [:]) async throws {
    try await respond(200, fields)
    try await send(text, isEnd: true)
  }

  func reset(_ reason: HTTP2ErrorCode) async throws { try await write(.rstStream(reason)) }

  /// Sends a GOAWAY with this stream as the last one.
  func goAway() async throws {
    try await goAway(behind: channel.getOption(HTTP2StreamChannelOptions.streamID))
  }

  /// Sends a GOAWAY with the newest stream as the last one.
  func goAwayBehindAll() async throws {
    try await goAway(behind: channel.eventLoop.submit { [newest] in newest.id })
  }

  private func goAway(behind last: EventLoopFuture<HTTP2StreamID>) async throws {
    try await last.flatMap { [parent = channel.parent, loop = channel.eventLoop] last in
      let frame = HTTP2Frame(
        streamID: .rootStream, payload: .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil))
      return parent?.writeAndFlush(frame) ?? loop.makeSucceededVoidFuture()
    }.get()
  }

  func closeConnection() async throws { try await channel.parent?.close().get() }

  func close() { channel.close(promise: nil) }

  private func write(_ payload: HTTP2Frame.FramePayload) async throws { try await channel.writeAndFlush(payload).get() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    private let stream: H2CStream

    init(_ stream: H2CStream) { self.stream = stream }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let number = try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
      if let number { stream.newest.note(number) }
      stream.inbox.withLock { inbox in
        switch unwrapInboundIn(data) {
        case .headers(let headers):
          if inbox.head == nil { inbox.head = headers.headers } else { inbox.trailers = headers.headers }
          inbox.isWhole = headers.endStream
        case .data(let data):
          if case .byteBuffer(let bytes) = data.data { inbox.body.writeImmutableBuffer(bytes) }
          inbox.isWhole = data.endStream
        default: break
        }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      if let closed = error as? NIOHTTP2Errors.StreamClosed { stream.inbox.withLock { $0.reason = closed.errorCode } }
    }

    func channelInactive(context: ChannelHandlerContext) { stream.inbox.withLock { $0.isClosed = true } }
  }
}
