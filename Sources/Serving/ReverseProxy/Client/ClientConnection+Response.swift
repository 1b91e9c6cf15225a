import HTTPMessages
import NIOCore

extension ClientConnection: ClientSide {
  func sendInterim(_ head: ResponseHead) {
    guard exchange?.head.minorVersion == 1 else { return }
    prepareOutput()
    ResponseEncoder().encode(head, date: worker.date, to: &output)
    flush()
  }

  func send(_ head: ResponseHead, framing: BodyFraming) {
    // Whoever answers before the request has ended will not read the rest: so the client is told to send no more.
    if case .body = phase { encoding.closes = true }
    renewBodyDeadline()
    let isChunked = framing == .chunked || framing == .untilClose
    if isChunked, exchange?.head.minorVersion != 1 {
      encoding.closes = true
    } else {
      encoding.isChunked = isChunked
    }
    prepareOutput()
    encoding.encode(head, date: worker.date, to: &output)
  }

  func send(_ body: ByteBuffer) {
    guard encoding.isChunked else { return write(body) }
    guard body.readableBytes > 0 else { return }
    write(ChunkEncoding.prefix(length: body.readableBytes, allocator: ByteBufferAllocator()))
    write(body)
    write(ChunkEncoding.suffix)
  }

  func sendEnd(_ trailers: HeadFields?) {
    if encoding.isChunked { write(ChunkEncoding.end(trailers: trailers, allocator: ByteBufferAllocator())) }
    flush()
    exchange = nil
    switch phase {
    case .response where !encoding.closes && !worker.isDraining:
      awaitNextRequest()
      resume()
    case .response, .body, .tunnel: linger()
    case .head, .lingering, .closed: break
    }
  }

  /// Head and body go as one: over TLS, in one record.
  func flush() {
    guard let context, hasOutput else { return }
    hasOutput = false
    guard output.readableBytes > 0 else { return context.flush() }
    let bytes = output.takeAll()
    // What has to wait takes no more memory than it needs.
    let waits = context.channel.unreadBytes > 0
    context.writeAndFlush(wrapOutboundOut(waits ? ByteBuffer(bytes: bytes.readableBytesView) : bytes), promise: nil)
    worker.flusher.recycle(bytes)
  }

  /// A response of known length, or in chunks, that ends early: only the connection's end can tell.
  func abort() {
    exchange = nil
    flush()
    close()
  }

  func startTunnel() {
    phase = .tunnel
    // The upstream's connection watches the tunnel.
    deadline = .distantFuture
    resume()
  }

  /// Sends no more, and reads what the client was still sending: closing at once could cost it the response.
  func linger() {
    guard let context else { return }
    flush()
    phase = .lingering(until: nil)
    // A slow client takes its time for what is still to be sent.
    deadline = worker.responseDeadline
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in self.startLingerTimeout() }
    context.close(mode: .output, promise: sent)
    resume()
  }

  private func prepareOutput() {
    hasOutput = true
    if output.capacity == 0 { output = worker.flusher.takeBuffer() }
  }

  /// Small pieces are gathered until the next flush; a large one is sent as it is.
  private func write(_ bytes: ByteBuffer) {
    guard bytes.readableBytes > Self.maxCoalescedBytes else {
      prepareOutput()
      output.writeImmutableBuffer(bytes)
      if output.readableBytes >= Self.highWater { flush() }
      return
    }
    hasOutput = true
    if output.readableBytes > 0 { context?.write(wrapOutboundOut(output.takeAll()), promise: nil) }
    context?.write(wrapOutboundOut(bytes), promise: nil)
  }
}
