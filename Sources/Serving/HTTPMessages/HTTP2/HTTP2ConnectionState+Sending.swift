package import NIOCore

// Output: heads at once, bodies as the windows allow (RFC 9113 §5.2).
extension HTTP2ConnectionState {
  /// The result of a stream's turn.
  package struct Progress {
    package var slot: Int
    /// Whether its end was written; a server's stream is then over, and its slot free.
    package var isEnded: Bool
  }

  // MARK: Responses

  /// - Parameters:
  ///   - date: the line for a response without a date.
  ///   - isWhole: no body follows. The stream is then over, and its slot free.
  package mutating func send(_ head: ResponseHead, date: ByteBuffer, on slot: Int, isWhole: Bool) {
    let room = HPACKEncoder.room(for: head.fields)
    writeBlock(stream: streams[slot].id, endsStream: isWhole, room: room) { encoder, output in
      encoder.encode(head, date: date, to: &output)
    }
    if isWhole { wasEnded(slot) }
  }

  /// Sends a piece of the body, or queues it.
  package mutating func send(_ body: ByteBuffer, on slot: Int) {
    var body = body
    if streams[slot].queue.isEmpty { write(&body, on: slot) }
    guard body.readableBytes > 0 else { return }
    streams[slot].queue.append(body)
    block(slot)
  }

  /// Ends the message.
  ///
  /// - Returns: whether the end was written; a server's stream is then over, and its slot free.
  package mutating func end(_ slot: Int, trailers: HeadFields?) -> Bool {
    let passed = trailers.flatMap { $0.hasPassableTrailers ? $0 : nil }
    streams[slot].ending = passed.map { .trailers($0) } ?? .plain
    guard streams[slot].queue.isEmpty else { return false }
    writeEnd(slot)
    return true
  }

  /// Resets a stream and frees its slot.
  package mutating func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
    output.writeReset(stream: streams[slot].id, code)
    close(slot)
    lastData = nil
  }

  /// Sends queued data, in turns of one frame each, until the windows or the output are full.
  ///
  /// - Returns: a stream whose queue is now empty; nil once nothing more can be sent.
  package mutating func advance() -> Progress? {
    var idleTurns = 0
    while isOutputOpen, output.readableBytes < Self.highWater, idleTurns < blocked.count {
      cursor = cursor < blocked.count ? cursor : 0
      let slot = blocked[cursor]
      let before = streams[slot].queue.count
      let (room, window) = (min(sendWindow, streams[slot].sendWindow), HTTP2FrameHeader.maxPayload)
      if room > 0 { writeQueued(slot, atMost: window) }
      guard streams[slot].queue.isEmpty else {
        idleTurns = streams[slot].queue.count == before ? idleTurns + 1 : 0
        cursor += 1
        continue
      }
      blocked.remove(at: cursor)
      streams[slot].isBlocked = false
      let isEnded = streams[slot].ending != nil
      if isEnded { writeEnd(slot) }
      return Progress(slot: slot, isEnded: isEnded)
    }
    return nil
  }

  // MARK: Room for the other side

  /// Returns a part of a body to the window, because it was consumed.
  package mutating func consume(_ count: Int, of slot: Int) {
    guard streams[slot].isReceiving else { return }
    streams[slot].consumed += count
    guard streams[slot].consumed >= HTTP2Bounds.streamWindow / 2 else { return }
    output.writeWindowUpdate(stream: streams[slot].id, streams[slot].consumed)
    streams[slot].receiveWindow += streams[slot].consumed
    (streams[slot].consumed, lastData) = (0, nil)
  }

  // MARK: The end

  /// Announces that the streams in progress are the last ones (RFC 9113 §6.8). Which they are is decided once the peer
  /// has received that.
  package mutating func announceEnd() {
    guard case .none = drain else { return }
    drain = .announced
    output.writeGoAway(lastStream: UInt32(Int32.max), .noError)
    output.writeFrameHeader(.ping, length: 8, stream: 0)
    output.writeInteger(Self.drainPing)
    lastData = nil
  }

  /// Ends a client's connection with GOAWAY.
  package mutating func sendGoAway() {
    output.writeGoAway(lastStream: 0, .noError)
    lastData = nil
  }

  // MARK: Frames

  /// - Parameter room: the maximum size of the block in bytes.
  mutating func writeBlock(
    stream: UInt32, endsStream: Bool, room: Int, _ encode: (inout HPACKEncoder, inout OutputRawSpan) -> Void
  ) {
    lastData = nil
    let start = output.writerIndex
    let flags = endsStream ? HTTP2FrameHeader.endStream : 0
    output.writeFrameHeader(.headers, length: 0, flags: flags | HTTP2FrameHeader.endHeaders, stream: stream)
    output.writeWithOutputRawSpan(minimumWritableBytes: room) { encode(&encoder, &$0) }
    let length = output.writerIndex - start - HTTP2FrameHeader.length
    guard length > HTTP2FrameHeader.maxPayload else { return output.setFrame(.headers, length: length, at: start) }
    splitBlock(at: start, length: length, stream: stream, flags: flags)
  }

  /// Splits a block that is too large for one frame (RFC 9113 §6.10).
  private mutating func splitBlock(at start: Int, length: Int, stream: UInt32, flags: UInt8) {
    var block = output.getSlice(at: start + HTTP2FrameHeader.length, length: length) ?? ByteBuffer()
    output.moveWriterIndex(to: start)
    var (kind, flags) = (HTTP2FrameHeader.Kind.headers, flags)
    while let fragment = block.readSlice(length: min(block.readableBytes, HTTP2FrameHeader.maxPayload)) {
      if block.readableBytes == 0 { flags |= HTTP2FrameHeader.endHeaders }
      output.writeFrameHeader(kind, length: fragment.readableBytes, flags: flags, stream: stream)
      output.writeImmutableBuffer(fragment)
      if block.readableBytes == 0 { return }
      (kind, flags) = (.continuation, 0)
    }
  }

  /// Writes as much of a body as the windows and the output allow.
  private mutating func write(_ body: inout ByteBuffer, on slot: Int, atMost most: Int = .max) {
    var left = most
    while body.readableBytes > 0, left > 0, isOutputOpen, output.readableBytes < Self.highWater {
      let room = min(sendWindow, streams[slot].sendWindow, left)
      guard room > 0 else { return }
      var frame = (slot: slot, index: output.writerIndex, length: 0)
      if let last = lastData, last.slot == slot, last.length < HTTP2FrameHeader.maxPayload {
        frame = last
      } else {
        output.writeFrameHeader(.data, length: 0, stream: streams[slot].id)
      }
      let count = min(room, HTTP2FrameHeader.maxPayload - frame.length, body.readableBytes)
      output.writeBytes(body.readableBytesSpan.extracting(first: count))
      body.moveReaderIndex(forwardBy: count)
      frame.length += count
      output.setFrame(.data, length: frame.length, at: frame.index)
      lastData = frame
      left -= count
      sendWindow -= count
      streams[slot].sendWindow -= count
    }
  }

  private mutating func writeQueued(_ slot: Int, atMost most: Int) {
    // Moved out of the stream while it is read, because both are parts of `self`.
    var queue = ByteQueue()
    swap(&queue, &streams[slot].queue)
    queue.withFirst { write(&$0, on: slot, atMost: most) }
    swap(&queue, &streams[slot].queue)
  }

  private mutating func block(_ slot: Int) {
    guard !streams[slot].isBlocked else { return }
    streams[slot].isBlocked = true
    blocked.append(slot)
  }

  private mutating func writeEnd(_ slot: Int) {
    let id = streams[slot].id
    if case .trailers(let trailers) = streams[slot].ending {
      writeBlock(stream: id, endsStream: true, room: HPACKEncoder.room(for: trailers)) { encoder, output in
        encoder.encode(trailers: trailers, to: &output)
      }
    } else if let last = lastData, last.slot == slot {
      output.setFrameFlags(HTTP2FrameHeader.endStream, at: last.index)
    } else {
      output.writeFrameHeader(.data, length: 0, flags: HTTP2FrameHeader.endStream, stream: id)
    }
    lastData = nil
    wasEnded(slot)
  }

  /// Records that the last frame of the message was written.
  private mutating func wasEnded(_ slot: Int) {
    streams[slot].isSending = false
    switch role {
    case .server where streams[slot].isReceiving:
      // A client that is still sending its request may stop (RFC 9113 §8.1). It is asked only after the response was
      // sent, because some clients would otherwise discard the response.
      endedEarly.append(streams[slot].id)
      close(slot)
    case .server: close(slot)
    case .client: if !streams[slot].isReceiving { close(slot) }
    }
  }
}
