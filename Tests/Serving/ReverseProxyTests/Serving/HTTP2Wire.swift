import NIOCore
import NIOHPACK
import TestSupport

/// An HTTP/2 client that returns each frame and never extends a window by itself (RFC 9113 §6.9.2).
final class HTTP2Wire: Sendable {
  enum Kind: UInt8 { case data, headers, priority, reset, settings, push, ping, goAway, windowUpdate, continuation }

  struct Frame: Sendable {
    var type: Kind?
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    var endsStream: Bool { (type == .data || type == .headers) && flags & 1 == 1 }
    /// The last stream of a GOAWAY.
    var lastStream: UInt32 { payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    var errorCode: UInt32 { payload.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
  }

  let connection: RawConnection
  private let isSecure: Bool
  private let answersPings: Bool

  init(_ connection: RawConnection, isSecure: Bool = true, answersPings: Bool = true) {
    (self.connection, self.isSecure, self.answersPings) = (connection, isSecure, answersPings)
  }

  static func connect(
    to proxy: RunningProxy, isSecure: Bool = true, answersPings: Bool = true
  ) async throws -> HTTP2Wire {
    let connection = try await proxy.connect(offering: isSecure ? ["h2"] : nil)
    let wire = HTTP2Wire(connection, isSecure: isSecure, answersPings: answersPings)
    try await wire.connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    try await wire.send(.settings, stream: 0, [])
    return wire
  }

  func send(_ type: Kind, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8]) async throws {
    let length = payload.count
    let head = [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type.rawValue, flags]
    let id = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: stream >> $0) }
    try await connection.send(head + id + payload)
  }

  /// Sets the largest possible windows (RFC 9113 §6.9.1).
  func openWindows() async throws {
    try await send(.settings, stream: 0, [0, 4, 0x7f, 0xff, 0xff, 0xff])
    try await send(.windowUpdate, stream: 0, [0x7f, 0, 0, 0])
  }

  /// Sends a request without a body, encoded with literals and HPACK's static table (RFC 7541 §6).
  func get(host: String, path: String, stream: UInt32) async throws {
    let text = { (index: UInt8, value: String) in [index, UInt8(value.utf8.count)] + Array(value.utf8) }
    // :method GET, :scheme, :path, :authority; END_STREAM and END_HEADERS.
    let start: [UInt8] = [0x82, isSecure ? 0x87 : 0x86]
    try await send(.headers, flags: 5, stream: stream, start + text(4, path) + text(1, host))
  }

  /// Sends a request without a body, in as many frames as necessary (RFC 9113 §6.10).
  func send(_ headers: HPACKHeaders, stream: UInt32) async throws {
    var (encoder, block) = (HPACKEncoder(allocator: ByteBufferAllocator()), ByteBuffer())
    try encoder.encode(headers: headers, to: &block)
    var kind = Kind.headers
    while let fragment = block.readBytes(length: min(block.readableBytes, 16_384)) {
      // END_HEADERS on the last frame, END_STREAM on the first.
      let end: UInt8 = block.readableBytes == 0 ? 4 : 0
      try await send(kind, flags: end + (kind == .headers ? 1 : 0), stream: stream, fragment)
      kind = .continuation
      if end > 0 { return }
    }
  }

  /// The next frame, without SETTINGS and PING, which are answered; nil at the end of the connection.
  func next() async throws -> Frame? {
    while let frame = try await read() {
      switch frame.type {
      case .settings where frame.flags == 0: try? await send(.settings, flags: 1, stream: 0, [])
      case .settings: break
      case .ping where frame.flags == 0:
        if answersPings { try? await send(.ping, flags: 1, stream: 0, frame.payload) }
      default: return frame
      }
    }
    return nil
  }

  /// The first frame that matches; earlier ones are dropped. Nil if the connection ends without one.
  func take(_ isWanted: (Frame) -> Bool) async throws -> Frame? {
    while let frame = try await next() {
      if isWanted(frame) { return frame }
    }
    return nil
  }

  /// The head of the first response on the connection.
  func firstHead() async throws -> HPACKHeaders? {
    guard let frame = try await take({ $0.type == .headers }) else { return nil }
    var (decoder, block) = (HPACKDecoder(allocator: ByteBufferAllocator()), ByteBuffer(bytes: frame.payload))
    return try decoder.decodeHeaders(from: &block)
  }

  private func read() async throws -> Frame? {
    guard let head = try await connection.take(9) else { return nil }
    let length = head[..<3].reduce(0) { $0 << 8 | Int($1) }
    guard let payload = try await connection.take(length) else { return nil }
    return Frame(
      type: Kind(rawValue: head[3]), flags: head[4], stream: head[5...].reduce(0) { $0 << 8 | UInt32($1) },
      payload: payload)
  }
}
