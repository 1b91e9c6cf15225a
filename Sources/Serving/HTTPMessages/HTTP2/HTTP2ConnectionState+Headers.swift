import NIOCore

// Field blocks (RFC 9113 §4.3, §6.2, §6.10), and the messages that they begin or end (§8.1).
extension HTTP2ConnectionState {
  mutating func receiveHeaders(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    guard header.stream != 0, role == .client || header.stream % 2 == 1 else { return fail(.protocolError) }
    if role == .client, isIdle(header.stream) { return fail(.protocolError) }
    var payload = payload
    guard var fragment = Self.withoutPadding(&payload, header) else { return fail(.protocolError) }
    if header.has(HTTP2FrameHeader.priority) {
      guard fragment.readableBytes >= 5 else { return fail(.frameSizeError) }
      fragment.moveReaderIndex(forwardBy: 5)
    }
    let endsStream = header.has(HTTP2FrameHeader.endStream)
    guard header.has(HTTP2FrameHeader.endHeaders) else {
      pendingBlock = PendingBlock(stream: header.stream, endsStream: endsStream, bytes: fragment)
      return nil
    }
    return receiveBlock(fragment, of: header.stream, endsStream: endsStream, at: now)
  }

  mutating func receiveContinuation(
    _ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline
  ) -> HTTP2Event? {
    guard var block = pendingBlock else { return fail(.protocolError) }
    pendingBlock = nil
    block.fragments += 1
    block.bytes.writeImmutableBuffer(payload)
    // CVE-2024-27316 and similar attacks.
    guard block.fragments <= HTTP2Bounds.maxFragments, block.bytes.readableBytes <= bounds.maxBlockBytes else {
      return fail(.enhanceYourCalm)
    }
    guard header.has(HTTP2FrameHeader.endHeaders) else {
      pendingBlock = block
      return nil
    }
    return receiveBlock(block.bytes, of: block.stream, endsStream: block.endsStream, at: now)
  }

  private mutating func receiveBlock(
    _ block: ByteBuffer, of stream: UInt32, endsStream: Bool, at now: NIODeadline
  ) -> HTTP2Event? {
    let slot = slots[stream]
    let isNew = role == .server && slot == nil && stream > lastPeerStream
    let isHead = slot.map { role == .client && !streams[$0].hasHead } ?? false
    let sectionRole: FieldSection.Role = isNew ? .request : isHead ? .response : .trailers
    var section = FieldSection(sectionRole, limits: bounds.limits)
    // Also for ignored blocks: the tables of both sides must remain equal (RFC 9113 §4.3).
    do { try decoder.decode(block.readableBytesUInt8Span, into: &section) } catch { return fail(.compressionError) }
    section.end()
    if isNew { return begin(stream, section, endsStream: endsStream, at: now) }
    guard let slot else { return receiveLateBlock(of: stream, at: now) }
    guard streams[slot].isReceiving else { return end(slot, .streamClosed, at: now) }
    if isHead { return receiveResponse(section, slot, endsStream: endsStream, at: now) }
    // RFC 9113 §8.1
    guard endsStream, !section.isMalformed else { return end(slot, .protocolError, at: now) }
    if role == .server, streams[slot].promised ?? 0 > 0 { return end(slot, .protocolError, at: now) }
    receivedEnd(of: slot)
    // Trailers that cannot be passed on do not invalidate the message.
    return .trailers(slot: slot, HeadFields(section))
  }

  /// A block for a stream that is over: this side ended it, or the peer made an error.
  private mutating func receiveLateBlock(of stream: UInt32, at now: NIODeadline) -> HTTP2Event? {
    if role == .client || ended.contains(stream) { return countControl(at: now) }
    return fail(.streamClosed)
  }

  private mutating func begin(
    _ stream: UInt32, _ section: FieldSection, endsStream: Bool, at now: NIODeadline
  ) -> HTTP2Event? {
    lastPeerStream = stream
    if case .last = drain {
      // The client repeats it on another connection (RFC 9113 §6.8).
      remember(stream)
      return countControl(at: now)
    }
    guard slots.count < HTTP2Bounds.maxStreams else {
      refuse(stream, .refusedStream, at: now)
      return nil
    }
    guard !section.isMalformed else {
      refuse(stream, .protocolError, at: now)
      return nil
    }
    let slot = open(stream)
    streams[slot].hasHead = true
    streams[slot].isReceiving = !endsStream
    do throws(MessageFault) {
      let head = try RequestHead(section, hasBody: !endsStream, isSecure: isSecure)
      switch head.framing {
      case .none: streams[slot].promised = endsStream ? nil : 0
      case .length(let length): streams[slot].promised = length
      case .chunked, .untilClose: break
      }
      return .request(slot: slot, head, isWhole: endsStream)
    } catch {
      return .badRequest(
        slot: slot, error, method: section.text(section.methodRange), path: section.text(section.targetRange))
    }
  }

  private mutating func refuse(_ stream: UInt32, _ code: HTTP2ErrorCode, at now: NIODeadline) {
    output.writeReset(stream: stream, code)
    lastData = nil
    remember(stream)
    countCancel(at: now)
  }

  private mutating func receiveResponse(
    _ section: FieldSection, _ slot: Int, endsStream: Bool, at now: NIODeadline
  ) -> HTTP2Event {
    do throws(MessageFault) {
      let head = try ResponseHead(section, isEmpty: endsStream && !streams[slot].isOfHead)
      if !head.isInterim {
        streams[slot].hasHead = true
      } else if endsStream {
        throw .truncated
      }
      if endsStream { receivedEnd(of: slot) }
      return .response(slot: slot, head, isWhole: endsStream)
    } catch {
      reset(slot, .protocolError)
      return .badResponse(slot: slot, error)
    }
  }
}
