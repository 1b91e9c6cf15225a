package import NIOCore

/// The state of an HTTP/2 connection (RFC 9113): parses frames, keeps the flow-control windows of both directions, and
/// writes the output into one buffer. It has no socket; its owner asks for the next event and sends the output.
package struct HTTP2ConnectionState: ~Copyable {
  package enum Role { case server, client }

  private enum Phase {
    /// The peer's preface is missing.
    case preface, settings
    case open
    case failed
  }

  enum Drain {
    case none
    /// GOAWAY was sent, followed by a PING.
    case announced
    /// Streams above this one are refused.
    case last(UInt32)
  }

  /// A field block in HEADERS and CONTINUATION frames.
  struct PendingBlock {
    var stream: UInt32
    var endsStream: Bool
    var fragments = 1
    var bytes: ByteBuffer
  }

  /// Output of this size is sent at once; more would exceed the CPU's cache.
  package static let highWater = 64 * 1024
  private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
  /// Identifies the answer to our PING.
  static let drainPing = UInt64(0x7076_6573_636f_7574)

  let role: Role
  /// Whether the connection uses TLS, so that requests are for `https`.
  let isSecure: Bool
  var bounds: HTTP2Bounds
  private var phase: Phase
  var drain = Drain.none
  var decoder = HPACKDecoder()
  var encoder = HPACKEncoder()
  var pendingBlock: PendingBlock?

  /// The bytes to send.
  package internal(set) var output = ByteBuffer()
  /// The DATA frame at the end of the output, to which more of the same stream can be appended: its slot, index and
  /// length.
  var lastData: (slot: Int, index: Int, length: Int)?
  /// Whether the socket accepts output; otherwise bodies are queued.
  package var isOutputOpen = true

  var sendWindow = 65_535
  var receivedBytes = 0
  var initialSendWindow = 65_535
  package internal(set) var maxPeerStreams = HTTP2Bounds.maxStreams

  var streams: [HTTP2StreamState] = []
  var freeSlots: [Int] = []
  var slots: [UInt32: Int] = [:]
  /// Slots with queued data but without a window.
  var blocked: [Int] = []
  var cursor = 0
  var lastPeerStream: UInt32 = 0
  var nextStream: UInt32 = 1
  /// Streams whose peer is asked to stop, after the output at hand.
  var endedEarly: [UInt32] = []
  /// Streams that this side ended first: frames that still arrive for them are not errors.
  var ended: [UInt32] = []

  package init(_ role: Role, isSecure: Bool, bounds: HTTP2Bounds) {
    (self.role, self.isSecure, self.bounds) = (role, isSecure, bounds)
    phase = role == .server ? .preface : .settings
    if role == .client { output.writeStaticString(Self.preface) }
    let about: (HTTP2Setting, Int) =
      role == .server
      // Extended CONNECT is not offered, so that browsers open WebSockets over HTTP/1.1 (RFC 8441 §3).
      ? (.maxConcurrentStreams, HTTP2Bounds.maxStreams) : (.enablePush, 0)
    output.writeSettings([
      about, (.maxHeaderListSize, bounds.maxBlockBytes), (.initialWindowSize, HTTP2Bounds.streamWindow),
    ])
    output.writeWindowUpdate(stream: 0, HTTP2Bounds.connectionWindow - 65_535)
  }

  package var openStreams: Int { slots.count }
  /// Whether the connection is finished: the announced last streams are over.
  package var isFinished: Bool { if case .last = drain { slots.isEmpty } else { false } }
  package var hasFailed: Bool { if case .failed = phase { true } else { false } }

  package func id(of slot: Int) -> UInt32 { streams[slot].id }
  /// The bytes queued in a stream.
  package func waitingBytes(of slot: Int) -> Int { streams[slot].queue.count }

  // MARK: Frames

  /// Removes the next relevant frame from the front of the input; nil until there is one.
  package mutating func receive(from input: inout ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    while true {
      switch phase {
      case .failed:
        input.clear()
        return nil
      case .preface:
        guard let isRight = hasPreface(&input) else { return nil }
        guard isRight else { return fail(.protocolError) }
        phase = .settings
      case .settings, .open:
        guard input.readableBytes >= HTTP2FrameHeader.length else { return nil }
        let header = input.readableBytesUInt8Span.frameHeader
        guard header.payloadLength <= HTTP2FrameHeader.maxPayload else { return fail(.frameSizeError) }
        guard input.readableBytes >= HTTP2FrameHeader.length + header.payloadLength else { return nil }
        if case .settings = phase {
          guard header.kind == .settings, !header.has(HTTP2FrameHeader.acknowledgement) else {
            return fail(.protocolError)
          }
          phase = .open
        }
        input.moveReaderIndex(forwardBy: HTTP2FrameHeader.length)
        guard let payload = input.readSlice(length: header.payloadLength) else { return nil }
        if let event = receive(header, payload, at: now) { return event }
      }
    }
  }

  private func hasPreface(_ input: inout ByteBuffer) -> Bool? {
    let count = min(input.readableBytes, Self.preface.utf8CodeUnitCount)
    for index in 0..<count where input.readableBytesUInt8Span[index] != Self.preface[index] { return false }
    guard count == Self.preface.utf8CodeUnitCount else { return nil }
    input.moveReaderIndex(forwardBy: count)
    return true
  }

  private mutating func receive(_ header: HTTP2FrameHeader, _ payload: ByteBuffer, at now: NIODeadline) -> HTTP2Event? {
    if let pendingBlock, header.kind != .continuation || header.stream != pendingBlock.stream {
      return fail(.protocolError)
    }
    switch header.kind {
    case .data: return receiveData(header, payload, at: now)
    case .headers: return receiveHeaders(header, payload, at: now)
    case .continuation: return receiveContinuation(header, payload, at: now)
    case .reset: return receiveReset(header, payload, at: now)
    case .windowUpdate: return receiveWindowUpdate(header, payload, at: now)
    case .settings: return receiveSettings(header, payload, at: now)
    case .ping: return receivePing(header, payload, at: now)
    case .goAway: return receiveGoAway(header, payload)
    case .priority:
      guard header.stream != 0 else { return fail(.protocolError) }
      guard header.payloadLength == 5 else { return fail(.frameSizeError) }
      return countControl(at: now)
    case .pushPromise: return fail(.protocolError)
    case nil: return countControl(at: now)
    }
  }

  mutating func fail(_ code: HTTP2ErrorCode) -> HTTP2Event {
    let last = if case .last(let last) = drain { last } else { lastPeerStream }
    output.writeGoAway(lastStream: last, code)
    lastData = nil
    phase = .failed
    return .failed(code)
  }

  /// Counts a control frame; returns nil unless there are too many.
  mutating func countControl(at now: NIODeadline) -> HTTP2Event? {
    bounds.controls.consume(at: now) ? nil : fail(.enhanceYourCalm)
  }

  // MARK: Output

  /// Removes and returns the bytes to send. Bytes that must be sent separately are in the next result.
  package mutating func removeOutput() -> ByteBuffer {
    lastData = nil
    let bytes = output
    output = ByteBuffer()
    for id in endedEarly { output.writeReset(stream: id, .noError) }
    endedEarly.removeAll()
    return bytes
  }

  /// Reuses a buffer for the output; only while the output is empty.
  package mutating func reuse(_ buffer: ByteBuffer) {
    guard output.readableBytes == 0 else { return }
    output = buffer
    output.clear()
  }

  // MARK: Streams

  mutating func open(_ id: UInt32) -> Int {
    let stream = HTTP2StreamState(id: id, sendWindow: initialSendWindow)
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      streams[slot] = stream
    } else {
      slot = streams.count
      streams.append(stream)
    }
    slots[id] = slot
    return slot
  }

  /// Frees the slot of a stream that is over on both sides, or that this side ended.
  mutating func close(_ slot: Int) {
    let id = streams[slot].id
    slots[id] = nil
    if streams[slot].isBlocked { blocked.removeAll { $0 == slot } }
    if streams[slot].isReceiving { remember(id) }
    streams[slot] = HTTP2StreamState(id: 0, sendWindow: 0)
    if lastData?.slot == slot { lastData = nil }
    freeSlots.append(slot)
  }

  mutating func remember(_ id: UInt32) {
    if ended.count == 256 { ended.removeFirst(128) }
    ended.append(id)
  }
}
