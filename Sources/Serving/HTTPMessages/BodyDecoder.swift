package import NIOCore

/// Decodes a body by its framing, incrementally.
package struct BodyDecoder {
  package enum Piece {
    case bytes(ByteBuffer)
    /// The end of the body, with the trailers if it is chunked.
    case end(HeadFields?)
  }

  private enum State {
    case remaining(UInt64)
    case chunkLine
    case chunk(UInt64)
    case chunkEnd
    case trailers(HeadScanner)
    case untilClose
    case over
  }

  private var state: State
  private let limits: MessageLimits

  package init(_ framing: BodyFraming, limits: MessageLimits) {
    self.limits = limits
    switch framing {
    case .none: state = .remaining(0)
    case .length(let length): state = .remaining(length)
    case .chunked: state = .chunkLine
    case .untilClose: state = .untilClose
    }
  }

  /// Whether the end was returned.
  package var isOver: Bool { if case .over = state { true } else { false } }

  /// Whether the body ends with the connection.
  package var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

  /// The next piece; nil until more bytes arrive, and always after the end was returned.
  package mutating func next(from input: inout ByteBuffer) throws(MessageFault) -> Piece? {
    while true {
      switch state {
      case .remaining(0):
        state = .over
        return .end(nil)
      case .remaining(let count):
        guard let bytes = input.readSome(upTo: count) else { return nil }
        state = .remaining(count - UInt64(bytes.readableBytes))
        return .bytes(bytes)
      case .chunkLine:
        guard let size = try chunkSize(from: &input) else { return nil }
        state = size > 0 ? .chunk(size) : .trailers(trailerScanner)
      case .chunk(0): state = .chunkEnd
      case .chunk(let count):
        guard let bytes = input.readSome(upTo: count) else { return nil }
        state = .chunk(count - UInt64(bytes.readableBytes))
        return .bytes(bytes)
      case .chunkEnd:
        guard let end = input.readInteger(as: UInt16.self) else { return nil }
        guard end == 0x0d0a else { throw .chunk }
        state = .chunkLine
      case .trailers(var scanner):
        guard let trailers = try trailers(from: &input, &scanner) else {
          state = .trailers(scanner)
          return nil
        }
        state = .over
        return .end(trailers.lines.isEmpty ? nil : trailers)
      case .untilClose: return input.readSome(upTo: .max).map(Piece.bytes)
      case .over: return nil
      }
    }
  }

  private var trailerScanner: HeadScanner { HeadScanner(limits: limits, allowsBareLineFeed: false) }

  private func trailers(
    from input: inout ByteBuffer, _ scanner: inout HeadScanner
  ) throws(MessageFault) -> HeadFields? {
    guard let first = input.getInteger(at: input.readerIndex, as: UInt8.self) else { return nil }
    if first == 0x0d {
      guard let end = input.getInteger(at: input.readerIndex, as: UInt16.self) else { return nil }
      guard end == 0x0d0a else { throw .chunk }
      input.moveReaderIndex(forwardBy: 2)
      return HeadFields()
    }
    guard first != 0x0a else { throw .chunk }
    guard let bytes = try scanner.next(from: &input) else { return nil }
    let section = FieldSectionParser(limits: limits, allowsIrregularLines: false)
    let lines = try section.parseAll(bytes.readableBytesUInt8Span)
    return HeadFields(bytes: bytes, lines: lines)
  }

  /// Reads `chunk-size [ chunk-ext ] CRLF`; extensions are ignored and not passed on.
  private func chunkSize(from input: inout ByteBuffer) throws(MessageFault) -> UInt64? {
    guard let line = try ChunkLine(input.readableBytesUInt8Span, limit: limits.chunkLineBytes) else { return nil }
    input.moveReaderIndex(forwardBy: line.length)
    return line.size
  }
}

/// The line before a chunk (RFC 9112 §7.1).
private struct ChunkLine {
  let size: UInt64
  let length: Int

  /// Nil until its end has arrived.
  init?(_ bytes: Span<UInt8>, limit: Int) throws(MessageFault) {
    var offset = 0
    var size: UInt64 = 0
    while offset < bytes.count, let digit = bytes[offset].hexDigitValue {
      // 15 digits never overflow.
      guard offset < 15 else { throw .chunk }
      size = size << 4 | UInt64(digit)
      offset += 1
    }
    guard offset < bytes.count else { return nil }
    guard offset > 0 else { throw .chunk }
    offset = Self.extensionsEnd(bytes, from: offset)
    guard offset + 2 <= limit else { throw .chunk }
    guard offset < bytes.count else { return nil }
    guard bytes[offset] == 0x0d else { throw .chunk }
    guard offset + 1 < bytes.count else { return nil }
    guard bytes[offset + 1] == 0x0a else { throw .chunk }
    (self.size, length) = (size, offset + 2)
  }

  private static func extensionsEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    while offset < bytes.count, bytes[offset].isBlank { offset += 1 }
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: ";") else { return offset }
    offset = bytes.firstControl(from: offset)
    while offset < bytes.count, bytes[offset] == 0x09 { offset = bytes.firstControl(from: offset + 1) }
    return offset
  }
}

extension ByteBuffer {
  /// All bytes available, up to a count; nil if there are none.
  fileprivate mutating func readSome(upTo count: UInt64) -> ByteBuffer? {
    guard readableBytes > 0 else { return nil }
    return readSlice(length: Int(min(UInt64(readableBytes), count)))
  }
}
