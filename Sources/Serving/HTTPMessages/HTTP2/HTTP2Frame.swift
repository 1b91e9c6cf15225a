import NIOCore

/// The first nine bytes of a frame (RFC 9113 §4.1).
struct HTTP2FrameHeader: Hashable, Sendable {
  enum Kind: UInt8 {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
  }

  static let length = 9
  /// The largest payload that both sides accept: the smallest limit that a side may set.
  static let maxPayload = 16_384

  static let endStream: UInt8 = 1
  static let acknowledgement: UInt8 = 1
  static let endHeaders: UInt8 = 4
  static let padded: UInt8 = 8
  static let priority: UInt8 = 0x20

  var payloadLength: Int
  /// Nil for an unknown kind, which is ignored (RFC 9113 §4.1).
  var kind: Kind?
  var flags: UInt8
  var stream: UInt32

  func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

extension Span<UInt8> {
  /// The frame header at the front, which must be complete.
  var frameHeader: HTTP2FrameHeader {
    HTTP2FrameHeader(
      payloadLength: Int(self[0]) << 16 | Int(self[1]) << 8 | Int(self[2]), kind: .init(rawValue: self[3]),
      flags: self[4], stream: integer(at: 5) & 0x7fff_ffff)
  }

  func integer(at offset: Int) -> UInt32 {
    UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
      | UInt32(self[offset + 3])
  }
}

extension ByteBuffer {
  mutating func writeFrameHeader(_ kind: HTTP2FrameHeader.Kind, length: Int, flags: UInt8 = 0, stream: UInt32) {
    let first = UInt64(length) << 40 | UInt64(kind.rawValue) << 32 | UInt64(flags) << 24 | UInt64(stream) >> 8
    writeMultipleIntegers(first, UInt8(truncatingIfNeeded: stream))
  }

  /// Sets the length in a frame header that was written earlier.
  mutating func setFrame(_ kind: HTTP2FrameHeader.Kind, length: Int, at index: Int) {
    setInteger(UInt32(length) << 8 | UInt32(kind.rawValue), at: index)
  }

  mutating func setFrameFlags(_ flags: UInt8, at index: Int) { setInteger(flags, at: index + 4) }

  mutating func writeReset(stream: UInt32, _ code: HTTP2ErrorCode) {
    writeFrameHeader(.reset, length: 4, stream: stream)
    writeInteger(code.rawValue)
  }

  mutating func writeWindowUpdate(stream: UInt32, _ increment: Int) {
    writeFrameHeader(.windowUpdate, length: 4, stream: stream)
    writeInteger(UInt32(increment))
  }

  mutating func writeGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
    writeFrameHeader(.goAway, length: 8, stream: 0)
    writeMultipleIntegers(lastStream, code.rawValue)
  }

  mutating func writeSettings(_ settings: [(HTTP2Setting, Int)]) {
    writeFrameHeader(.settings, length: 6 * settings.count, stream: 0)
    for (setting, value) in settings { writeMultipleIntegers(setting.rawValue, UInt32(value)) }
  }
}

/// The settings of an endpoint (RFC 9113 §6.5.2).
enum HTTP2Setting: UInt16 {
  case headerTableSize = 1
  case enablePush, maxConcurrentStreams, initialWindowSize, maxFrameSize, maxHeaderListSize
}
