import NIOCore
import NIOHTTP2

/// An HTTP/2 connection to an upstream, which is known to speak it (RFC 9113 §3.3): each exchange is a stream.
final class HTTP2UpstreamConnection: ChannelInboundHandler, Perishable {
  typealias InboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  private enum Phase {
    /// The upstream has not begun yet: what it allows is not known, nor whether it speaks HTTP/2 at all.
    case beginning
    case open
    /// The streams that are open are the last ones.
    case ending
    case closed
  }

  /// Of all streams that a connection ever has: their numbers are finite (RFC 9113 §5.1.1).
  private static let mostStreams = 1_000_000

  private let pool: HTTP2UpstreamPool
  private let worker: ProxyWorker
  private var multiplexer: NIOHTTP2Handler.StreamMultiplexer?
  private var context: ChannelHandlerContext?
  private var phase = Phase.beginning
  private var openStreams = 0
  private var streamsSoFar = 0
  /// What the multiplexer too assumes until the upstream says something else.
  private var mostOpenStreams = 100
  /// By the upstream's GOAWAY: it did nothing with streams beyond this one (RFC 9113 §6.8).
  private var lastProcessed: HTTP2StreamID?
  /// Why nothing comes of a connection that is still beginning.
  private var failure = ProxyFailure.badResponse("it closed the connection instead of beginning")
  private(set) var deadline = NIODeadline.distantFuture

  private init(pool: HTTP2UpstreamPool, worker: ProxyWorker) { (self.pool, self.worker) = (pool, worker) }

  /// Has a channel speak HTTP/2; call it on the channel's event loop. The pool is told what comes of it.
  static func start(on channel: any Channel, pool: HTTP2UpstreamPool, worker: ProxyWorker) throws {
    let connection = HTTP2UpstreamConnection(pool: pool, worker: worker)
    let bounds = HTTP2Bounds(upstream: worker.settings.limits)
    let operations = channel.pipeline.syncOperations
    connection.multiplexer = try operations.configureHTTP2Pipeline(
      mode: .client, connectionConfiguration: bounds.connection, streamConfiguration: bounds.stream
    ) { pushed in pushed.close() }
    try operations.addHandler(connection)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    // First, for the time stands still while nobody is watched.
    worker.deadlines.watch(self)
    deadline = worker.deadline(worker.settings.timeouts.connect)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard context != nil else { return }
    context = nil
    let wasBeginning = phase == .beginning
    phase = .closed
    worker.deadlines.forget(self)
    pool.remove(self)
    if wasBeginning { pool.failed(failure) }
  }

  // MARK: Frames of the connection itself

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data).payload {
    case .settings(.settings(let settings)): take(settings)
    case .goAway(let last, _, _):
      lastProcessed = last
      guard phase == .beginning else { return retire() }
      failure = .badResponse("it said goodbye instead of beginning")
      closeAtOnce()
    default: break
    }
  }

  private func take(_ settings: HTTP2Settings) {
    if let most = settings.last(where: { $0.parameter == .maxConcurrentStreams }) { mostOpenStreams = most.value }
    guard phase == .beginning else { return pool.hasRoom(on: self) }
    guard mostOpenStreams > 0 else {
      failure = .badResponse("it allows no requests (SETTINGS_MAX_CONCURRENT_STREAMS is 0)")
      return closeAtOnce()
    }
    phase = .open
    rest()
    pool.connected(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    // Of one stream alone, which ends by it.
    case is NIOHTTP2Errors.CreatedStreamAfterGoaway: break
    case _ where HTTP2Bounds.isOfOneMessage(error): break
    // The state of the connection is in doubt, or behind a GOAWAY the last stream has ended while something of it was
    // still to be sent: what came stays to be read.
    case is NIOHTTP2Errors.NoSuchStream where phase != .beginning: retire()
    case is NIOHTTP2Errors.IOOnClosedConnection where phase != .beginning: retire()
    default:
      if error is any NIOHTTP2Error { failure = .badResponse("its bytes do not read as frames") }
      closeAtOnce()
    }
  }

  // MARK: Streams

  /// An exchange on its way to its stream.
  private final class Start {
    let exchange: Exchange
    let isReused: Bool
    var isMade = false

    init(_ exchange: Exchange, isReused: Bool) { (self.exchange, self.isReused) = (exchange, isReused) }
  }

  var hasRoom: Bool { phase == .open && openStreams < mostOpenStreams && context?.channel.isActive == true }
  var isResting: Bool { phase == .open && openStreams == 0 }

  /// Opens a stream for an exchange, a moment later.
  func open(_ exchange: Exchange) {
    let start = Start(exchange, isReused: streamsSoFar > 0)
    openStreams += 1
    streamsSoFar += 1
    deadline = .distantFuture
    if streamsSoFar == Self.mostStreams { retire() }
    let bound = NIOLoopBound((self, start), eventLoop: worker.eventLoop)
    let made = worker.eventLoop.makePromise(of: (any Channel).self)
    // A connection that ends in that moment makes no stream, and calls nobody to begin.
    made.futureResult.assumeIsolated().whenFailure { _ in self.abandon(start) }
    multiplexer?.createStreamChannel(promise: made) { channel in
      channel.eventLoop.makeCompletedFuture {
        let (connection, start) = bound.value
        try connection.begin(start, on: channel)
      }
    }
  }

  private func begin(_ start: Start, on channel: any Channel) throws {
    // Meanwhile the client may have gone, or the upstream.
    let isGone = context?.channel.isActive != true || lastProcessed != nil
    guard !isGone, !start.exchange.isOver else { throw ChannelError.ioOnClosedChannel }
    let stream = HTTP2UpstreamStream(start.exchange, connection: self, worker: worker, isReused: start.isReused)
    try channel.pipeline.syncOperations.addHandler(stream)
    start.isMade = true
  }

  private func abandon(_ start: Start) {
    guard !start.isMade else { return }
    closedStream()
    start.exchange.upstreamDiedUnused(.connectionLost, isUnprocessed: true)
  }

  func closedStream() {
    openStreams -= 1
    pool.hasRoom(on: self)
    guard openStreams == 0 else { return }
    if phase == .ending || worker.isDraining { close() } else { rest() }
  }

  /// The upstream is known to have done nothing with the stream.
  func hasIgnored(_ stream: HTTP2StreamID) -> Bool { lastProcessed.map { stream > $0 } ?? false }

  // MARK: Ends

  private func rest() { deadline = worker.deadline(worker.settings.timeouts.resting) }

  /// Takes no more streams, and closes behind the last one.
  func retire() {
    guard phase == .open else { return }
    phase = .ending
    pool.remove(self)
    if openStreams == 0 { close() }
  }

  /// Says goodbye first (RFC 9113 §6.8).
  func close() {
    guard let context else { return }
    let farewell = HTTP2Frame(
      streamID: .rootStream, payload: .goAway(lastStreamID: .rootStream, errorCode: .noError, opaqueData: nil))
    context.writeAndFlush(wrapOutboundOut(farewell), promise: nil)
    closeAtOnce()
  }

  private func closeAtOnce() {
    if phase == .open { phase = .ending }
    pool.remove(self)
    context?.close(promise: nil)
  }

  func deadlinePassed() {
    deadline = .distantFuture
    failure = .unreachable(.timedOut)
    if phase == .beginning { closeAtOnce() } else { close() }
  }
}
