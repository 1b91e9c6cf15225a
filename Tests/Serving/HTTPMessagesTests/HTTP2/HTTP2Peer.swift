import NIOCore

@testable import HTTPMessages

/// The peer of a tested connection: sends frames, and parses those that it receives.
final class HTTP2Peer {
  struct Frame: Equatable {
    var kind: HTTP2FrameHeader.Kind?
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    var endsStream: Bool { flags & HTTP2FrameHeader.endStream != 0 }
    var errorCode: UInt32 { payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }
  }

  var state: HTTP2ConnectionState
  var now = NIODeadline.uptimeNanoseconds(0)
  private var encoder = HPACKEncoder()
  private var decoder = HPACKDecoder()
  private var input = ByteBuffer()

  /// A client whose connection is established.
  init(limits: MessageLimits = MessageLimits()) {
    state = HTTP2ConnectionState(.server, isSecure: true, bounds: HTTP2Bounds(client: limits))
    _ = state.removeOutput()
    input.writeString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    say(.settings, stream: 0)
  }

  func say(_ kind: HTTP2FrameHeader.Kind, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []) {
    input.writeFrameHeader(kind, length: payload.count, flags: flags, stream: stream)
    input.writeBytes(payload)
  }

  func window(_ increment: Int, stream: UInt32) { input.writeWindowUpdate(stream: stream, increment) }

  /// Sends the values in one frame.
  func initialWindow(_ values: Int...) { initialWindow(values) }

  func initialWindow(_ values: [Int]) { input.writeSettings(values.map { (.initialWindowSize, $0) }) }

  func block(_ fields: [(String, String)]) -> [UInt8] {
    var block = ByteBuffer()
    for (name, value) in fields {
      let (name, value) = (Array(name.utf8), Array(value.utf8))
      block.encode { encoder.encode(name: name.span, value: value.span, to: &$0) }
    }
    return Array(block.readableBytesView)
  }

  /// A request; if `isWhole` is false, a body follows.
  func ask(_ stream: UInt32, method: String = "GET", isWhole: Bool = true, _ fields: [(String, String)] = []) {
    let block = block(
      [(":method", method), (":scheme", "https"), (":path", "/"), (":authority", "web.test")] + fields)
    say(.headers, flags: isWhole ? 5 : 4, stream: stream, block)
  }

  /// The events for everything sent.
  func events() -> [HTTP2Event] {
    var events: [HTTP2Event] = []
    while let event = state.receive(from: &input, at: now) { events.append(event) }
    return events
  }

  func end(_ slot: Int) -> Bool { state.end(slot, trailers: nil) }

  var isFinished: Bool { state.isFinished }
  var hasFailed: Bool { state.hasFailed }

  /// The result for the streams that waited.
  func advance() -> [HTTP2ConnectionState.Progress] {
    var all: [HTTP2ConnectionState.Progress] = []
    while let progress = state.advance() { all.append(progress) }
    return all
  }

  /// The frames in the output.
  func frames() -> [Frame] {
    var (frames, output) = ([Frame](), state.removeOutput())
    while output.readableBytes >= HTTP2FrameHeader.length {
      let header = output.readableBytesUInt8Span.frameHeader
      output.moveReaderIndex(forwardBy: HTTP2FrameHeader.length)
      frames.append(
        Frame(
          kind: header.kind, flags: header.flags, stream: header.stream,
          payload: output.readBytes(length: header.payloadLength) ?? []))
    }
    return frames
  }

  /// The lines of a sent block.
  func lines(_ block: [UInt8]) throws -> [String] {
    var lines = DecodedLines()
    try decoder.decode(block.span, into: &lines)
    return lines.texts
  }
}

extension HTTP2Event {
  /// The slot of a request.
  var request: Int? { if case .request(let slot, _, _) = self { slot } else { nil } }
}

extension ResponseHead {
  static func of(_ fields: String = "") throws -> ResponseHead {
    try ResponseHead(ByteBuffer(string: "HTTP/1.1 200 OK\r\nDate: now\r\n\(fields)\r\n"), limits: MessageLimits())
  }
}

extension ByteBuffer {
  /// Appends an encoder's output.
  mutating func encode(_ body: (inout OutputRawSpan) -> Void) {
    writeWithOutputRawSpan(minimumWritableBytes: 40_000) { body(&$0) }
  }
}
