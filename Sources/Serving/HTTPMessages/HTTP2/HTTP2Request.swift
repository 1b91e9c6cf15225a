package import NIOCore

/// A request for an upstream: a client's head, and additional lines.
package struct HTTP2Request {
  let head: RequestHead
  /// Finished lines of fields.
  let added: ByteBuffer
  /// Whether the client accepts trailers; gRPC requires that.
  let acceptsTrailers: Bool
  /// Selects the lines of the head to pass on.
  let keeps: (FieldLine) -> Bool

  package init(
    _ head: RequestHead, added: ByteBuffer, acceptsTrailers: Bool, keeping keeps: @escaping (FieldLine) -> Bool
  ) {
    (self.head, self.added, self.acceptsTrailers, self.keeps) = (head, added, acceptsTrailers, keeps)
  }

  /// The maximum size of its block in bytes: an additional line has at least eight.
  var room: Int {
    HPACKEncoder.room(for: head.fields) + added.readableBytes + HPACKEncoder.fieldRoom * (added.readableBytes / 8 + 6)
  }
}

extension HPACKEncoder {
  /// RFC 9113 §8.3.1
  mutating func encode(_ request: HTTP2Request, to block: inout OutputRawSpan) {
    let (head, fields) = (request.head, request.head.fields)
    begin(&block)
    let bytes = fields.bytes.readableBytesUInt8Span
    encode(name: ":method", value: bytes.extracting(head.methodRange), to: &block)
    encode(name: ":scheme", value: "http", to: &block)
    encode(name: ":authority", value: bytes.extracting(head.hostRange), to: &block)
    encode(name: ":path", value: bytes.extracting(head.targetRange), isRepeated: false, to: &block)
    for line in fields.lines where line.name != .host && request.keeps(line) { encode(line, of: fields, to: &block) }
    encode(lines: request.added, to: &block)
    if request.acceptsTrailers { encode(name: "te", value: "trailers", to: &block) }
  }

  /// Encodes finished lines, with the field names from ``FieldLine``.
  private mutating func encode(lines: ByteBuffer, to block: inout OutputRawSpan) {
    let bytes = lines.readableBytesUInt8Span
    var start = 0
    for end in bytes.indices where bytes[end] == 0x0a {
      defer { start = end + 1 }
      guard let colon = (start..<end).first(where: { bytes[$0] == UInt8(ascii: ":") }), colon + 2 < end else {
        continue
      }
      encode(
        name: bytes.extracting(start..<colon), value: bytes.extracting(colon + 2..<end - 1), to: &block)
    }
  }

  private mutating func encode(name: StaticString, value: StaticString, to block: inout OutputRawSpan) {
    let value = ByteBuffer(staticString: value)
    encode(name: name, value: value.readableBytesUInt8Span, to: &block)
  }

  private mutating func encode(
    name: StaticString, value: Span<UInt8>, isRepeated: Bool = true, to block: inout OutputRawSpan
  ) {
    let name = ByteBuffer(staticString: name)
    encode(name: name.readableBytesUInt8Span, value: value, isRepeated: isRepeated, to: &block)
  }
}

extension HTTP2ConnectionState {
  /// Opens a stream for a request.
  ///
  /// - Parameter isWhole: no body follows.
  package mutating func open(_ request: HTTP2Request, isWhole: Bool) -> Int {
    let slot = open(nextStream)
    nextStream += 2
    streams[slot].isOfHead = request.head.method == .head
    streams[slot].isSending = !isWhole
    writeBlock(stream: streams[slot].id, endsStream: isWhole, room: request.room) { encoder, output in
      encoder.encode(request, to: &output)
    }
    return slot
  }

  /// Whether no stream has that slot.
  package func isFree(_ slot: Int) -> Bool { streams[slot].id == 0 }
}
