import HTTPMessages
import NIOCore

extension ClientConnection: ClientSide {
  var isWritable: Bool { context?.channel.isWritable ?? false }

  private var allocator: ByteBufferAllocator { context?.channel.allocator ?? ByteBufferAllocator() }

  func sendInterim(_ head: ResponseHead) {
    guard exchange?.head.minorVersion == 1 else { return }
    write(ResponseEncoder().encode(head, date: worker.date, allocator: allocator))
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
    write(encoding.encode(head, date: worker.date, allocator: allocator))
  }

  func send(_ body: ByteBuffer) {
    guard encoding.isChunked else { return write(body) }
    guard body.readableBytes > 0 else { return }
    write(ChunkEncoding.prefix(length: body.readableBytes, allocator: allocator))
    write(body)
    write(ChunkEncoding.suffix)
  }

  func sendEnd(_ trailers: HeadFields?) {
    if encoding.isChunked { write(ChunkEncoding.end(trailers: trailers, allocator: allocator)) }
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

  func flush() { context?.flush() }

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
    sent.futureResult.assumeIsolated().whenComplete { _ in self.lingerOn() }
    context.close(mode: .output, promise: sent)
    resume()
  }

  private func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }
}
