import HTTPMessages
import NIOCore
import ServerSockets

extension ClientConnection: ClientSide {
  func sendInterim(_ head: ResponseHead) {
    guard machine.isHTTP11 else { return }
    prepareOutput()
    ResponseEncoder().encode(head, date: worker.date, to: &output)
    flush()
  }

  func send(_ head: ResponseHead, framing: BodyFraming) {
    machine.beginResponse(framing)
    renewBodyDeadline()
    prepareOutput()
    machine.encoding.encode(head, date: worker.date, to: &output)
  }

  func send(_ body: ByteBuffer) {
    guard machine.encoding.isChunked else { return write(body) }
    guard body.readableBytes > 0 else { return }
    write(ChunkEncoding.prefix(length: body.readableBytes, allocator: ByteBufferAllocator()))
    write(body)
    write(ChunkEncoding.suffix)
  }

  func sendEnd(_ trailers: HeadFields?) {
    if machine.encoding.isChunked { write(ChunkEncoding.end(trailers: trailers, allocator: ByteBufferAllocator())) }
    flush()
    exchange = nil
    switch machine.endResponse(isDraining: worker.isDraining, isWritable: isWritable, hasInput: hasInput) {
    case .none: break
    case .awaitRequest(let limit):
      awaitRequest(limit)
      resume()
    case .linger: linger()
    }
  }

  /// Sends the output, unless it is small and the client has not read earlier output.
  func flush() {
    guard hasWritten || !unsent.keeps(output.readableBytes) else { return }
    sendOutput()
  }

  /// Writes head and body together: over TLS, in one record.
  func sendOutput() {
    guard let context, hasWritten || output.readableBytes > 0 else { return }
    hasWritten = false
    guard output.readableBytes > 0 else { return context.flush() }
    let bytes = output.removeAll()
    let sent = unsent.promise(on: context.channel) {
      self.unsent.sent()
      self.flush()
    }
    // Output that has to wait is copied to a buffer without spare capacity.
    context.writeAndFlush(wrapOutboundOut(sent == nil ? bytes : bytes.copied), promise: sent)
    worker.flusher.recycle(bytes)
  }

  /// Ends a response of known length, or a chunked one, early. Only closing the connection shows that to the client.
  func abort() {
    exchange = nil
    sendOutput()
    close()
  }

  func startTunnel() {
    machine.startTunnel()
    // The upstream connection has the deadline of the tunnel.
    deadline = .distantFuture
    resume()
  }

  /// Closes the output and reads on: closing both at once could lose the response on its way (RFC 9112 §9.6).
  func linger() {
    guard let context else { return }
    sendOutput()
    machine.linger()
    // A slow client may still be reading what was sent.
    deadline = worker.responseDeadline
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in self.startLingerTimeout() }
    context.closeAfterWrites(.output, promise: sent)
    resume()
  }

  private func prepareOutput() {
    if output.capacity == 0 { output = worker.flusher.emptyBuffer() }
  }

  /// Collects small pieces until the next flush; a large one is written without a copy.
  private func write(_ bytes: ByteBuffer) {
    guard !bytes.isSmall else {
      prepareOutput()
      output.writeImmutableBuffer(bytes)
      if output.readableBytes >= UnsentOutput.highWater { flush() }
      return
    }
    hasWritten = true
    if output.readableBytes > 0 { context?.write(wrapOutboundOut(output.removeAll()), promise: nil) }
    context?.write(wrapOutboundOut(bytes), promise: nil)
  }
}
