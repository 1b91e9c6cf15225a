import NIOCore

// Frames of a stream's body, and those that control streams and the connection (RFC 9113 §6).
extension HTTP2ConnectionState {
  mutating func receiveData(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    guard header.stream != 0 else { return fail(.protocolError) }
    receivedBytes += header.payloadLength
    if receivedBytes >= HTTP2Bounds.connectionWindow / 2 {
      // The bytes that wait in the streams are bounded by the streams' own windows.
      output.writeWindowUpdate(stream: 0, receivedBytes)
      (receivedBytes, lastData) = (0, nil)
    }
    var payload = payload
    guard let body = Self.withoutPadding(&payload, header) else { return fail(.protocolError) }
    let endsStream = header.has(HTTP2FrameHeader.endStream)
    if body.readableBytes == 0, !endsStream, let event = countControl(at: now) { return event }
    guard let slot = slots[header.stream] else { return isIdle(header.stream) ? fail(.protocolError) : nil }
    guard streams[slot].isReceiving, streams[slot].hasHead else { return end(slot, .streamClosed, at: now) }
    streams[slot].receiveWindow -= header.payloadLength
    guard streams[slot].receiveWindow >= 0 else { return end(slot, .flowControlError, at: now) }
    // Padding is discarded: its window is returned at once.
    let padding = header.payloadLength - body.readableBytes
    if padding > 0 { consume(padding, of: slot) }
    if role == .server, let promised = streams[slot].promised {
      // RFC 9113 §8.1.1
      guard promised >= body.readableBytes, !endsStream || promised == body.readableBytes else {
        return end(slot, .protocolError, at: now)
      }
      streams[slot].promised = promised - UInt64(body.readableBytes)
    }
    if endsStream { receivedEnd(of: slot) }
    return .body(slot: slot, body, isLast: endsStream)
  }

  /// Records that the message is complete.
  mutating func receivedEnd(of slot: Int) {
    streams[slot].isReceiving = false
    if role == .client, !streams[slot].isSending { close(slot) }
  }

  /// The content of a frame that may be padded; nil if the padding is longer than the frame.
  static func withoutPadding(_ payload: inout ByteBuffer, _ header: HTTP2FrameHeader) -> ByteBuffer? {
    guard header.has(HTTP2FrameHeader.padded) else { return payload }
    guard let padding = payload.readInteger(as: UInt8.self), Int(padding) <= payload.readableBytes else { return nil }
    return payload.readSlice(length: payload.readableBytes - Int(padding))
  }

  /// Whether the stream was never used.
  func isIdle(_ id: UInt32) -> Bool {
    switch role {
    case .server: id % 2 == 0 || id > lastPeerStream
    case .client: id % 2 == 0 || id >= nextStream
    }
  }

  /// Ends a stream because of an error of the peer (RFC 9113 §5.4.2).
  mutating func end(_ slot: Int, _ code: HTTP2ErrorCode, at now: NIODeadline) -> HTTP2Event {
    reset(slot, code)
    countCancel(at: now)
    return .reset(slot: slot, code)
  }

  /// Counts a stream that yields nothing. Too many of them end the connection after the open streams; it ends at once
  /// if they continue.
  mutating func countCancel(at now: NIODeadline) {
    guard role == .server, !bounds.cancels.consume(at: now) else { return }
    if case .last = drain { return }
    drain = .last(lastPeerStream)
    output.writeGoAway(lastStream: lastPeerStream, .noError)
    lastData = nil
  }

  mutating func receiveReset(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    guard header.stream != 0, !isIdle(header.stream) else { return fail(.protocolError) }
    guard header.payloadLength == 4 else { return fail(.frameSizeError) }
    guard let slot = slots[header.stream] else { return countControl(at: now) }
    let code = HTTP2ErrorCode(payload.readableBytesUInt8Span.integer(at: 0))
    streams[slot].isReceiving = false
    close(slot)
    countCancel(at: now)
    return .reset(slot: slot, code)
  }

  mutating func receiveWindowUpdate(
    _ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline
  ) -> HTTP2Event? {
    guard header.payloadLength == 4 else { return fail(.frameSizeError) }
    let increment = Int(payload.readableBytesUInt8Span.integer(at: 0) & 0x7fff_ffff)
    guard header.stream != 0 else {
      guard increment > 0 else { return fail(.protocolError) }
      sendWindow += increment
      return sendWindow <= Int(Int32.max) ? .windowOpened : fail(.flowControlError)
    }
    guard !isIdle(header.stream) else { return fail(.protocolError) }
    guard let slot = slots[header.stream] else { return nil }
    guard increment > 0 else { return end(slot, .protocolError, at: now) }
    streams[slot].sendWindow += increment
    guard streams[slot].sendWindow <= Int(Int32.max) else { return end(slot, .flowControlError, at: now) }
    return streams[slot].isBlocked ? .windowOpened : nil
  }

  mutating func receiveSettings(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    guard header.stream == 0 else { return fail(.protocolError) }
    if header.has(HTTP2FrameHeader.acknowledgement) {
      return header.payloadLength == 0 ? countControl(at: now) : fail(.frameSizeError)
    }
    guard header.payloadLength % 6 == 0 else { return fail(.frameSizeError) }
    if let event = countControl(at: now) { return event }
    var payload = payload
    // Applied to the streams once, because a frame has room for thousands of values.
    var windows: (last: Int, largest: Int)?
    while let (number, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
      let (setting, value) = (HTTP2Setting(rawValue: number), Int(value))
      if setting == .initialWindowSize {
        windows = (last: value, largest: max(value, windows?.largest ?? 0))
      } else if let event = apply(setting, value) {
        return event
      }
    }
    if let (last, largest) = windows, let event = apply(window: last, largest: largest) { return event }
    output.writeFrameHeader(.settings, length: 0, flags: HTTP2FrameHeader.acknowledgement, stream: 0)
    lastData = nil
    return .settings
  }

  private mutating func apply(_ setting: HTTP2Setting?, _ value: Int) -> HTTP2Event? {
    switch setting {
    case .headerTableSize: encoder.allow(tableSize: value)
    case .enablePush: if value > 1 || role == .client && value == 1 { return fail(.protocolError) }
    case .maxConcurrentStreams: maxPeerStreams = value
    // Frames sent are never larger than the smallest value allowed here.
    case .maxFrameSize: if !(16_384...16_777_215).contains(value) { return fail(.protocolError) }
    case .initialWindowSize, .maxHeaderListSize, nil: break
    }
    return nil
  }

  /// Changes the windows of all streams.
  ///
  /// - Parameter largest: of the values in the frame. They are processed in order (RFC 9113 §6.5.3), so none of them
  ///   may make a window too large, even if a later one makes it smaller again.
  private mutating func apply(window last: Int, largest: Int) -> HTTP2Event? {
    guard largest <= Int(Int32.max) else { return fail(.flowControlError) }
    for slot in slots.values {
      guard streams[slot].sendWindow + largest - initialSendWindow <= Int(Int32.max) else {
        return fail(.flowControlError)
      }
      streams[slot].sendWindow += last - initialSendWindow
    }
    initialSendWindow = last
    return nil
  }

  mutating func receivePing(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    guard header.stream == 0 else { return fail(.protocolError) }
    guard header.payloadLength == 8 else { return fail(.frameSizeError) }
    if let event = countControl(at: now) { return event }
    guard header.has(HTTP2FrameHeader.acknowledgement) else {
      output.writeFrameHeader(.ping, length: 8, flags: HTTP2FrameHeader.acknowledgement, stream: 0)
      output.writeImmutableBuffer(payload)
      lastData = nil
      return nil
    }
    guard case .announced = drain, payload.getInteger(at: payload.readerIndex) == Self.drainPing else { return nil }
    drain = .last(lastPeerStream)
    output.writeGoAway(lastStream: lastPeerStream, .noError)
    lastData = nil
    return .drained
  }

  mutating func receiveGoAway(_ header: HTTP2FrameHeader, _ payload: ByteBuffer) -> HTTP2Event? {
    guard header.stream == 0 else { return fail(.protocolError) }
    guard header.payloadLength >= 8 else { return fail(.frameSizeError) }
    return .goAway(lastStream: payload.readableBytesUInt8Span.integer(at: 0) & 0x7fff_ffff)
  }
}
