import HTTPMessages
import NIOCore
import NIOHTTP2

/// What the other side may ask of an HTTP/2 connection, and how much of it (RFC 9113 §10.5).
struct HTTP2Bounds {
  let connection: NIOHTTP2Handler.ConnectionConfiguration
  let stream: NIOHTTP2Handler.StreamConfiguration

  /// For clients.
  init(_ limits: MessageLimits) {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    // Extended CONNECT is not offered: browsers then open WebSockets over HTTP/1.1 (RFC 8441 §3).
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 100)
    ]
    connection.initialSettings += Self.settings(limits)
    connection.targetWindowSize = 4 * Self.window
    connection.maximumBufferedControlFrames = 1000
    // Of PING, SETTINGS and PRIORITY; browsers that still send PRIORITY do so once or twice for each stream.
    connection.controlFrameRateLimit.maximumCount = 1000
    self.connection = connection

    var stream = Self.stream
    // Rapid reset (CVE-2023-44487): some resets are a user who scrolls past pictures, more are an attack.
    stream.streamResetFrameRateLimit.maximumCount = 500
    self.stream = stream
  }

  /// For upstreams, which the user chose: pings that measure (as gRPC sends them), resets and empty frames are no floods.
  init(upstream limits: MessageLimits) {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [HTTP2Setting(parameter: .enablePush, value: 0)] + Self.settings(limits)
    connection.targetWindowSize = 4 * Self.window
    connection.maximumSequentialEmptyDataFrames = 100
    connection.controlFrameRateLimit.maximumCount = 100_000
    // One broken page that is asked for again and again is no reason to lose the exchanges beside it.
    connection.maximumConnectionGlitches = .max
    // What is still on its way for a stream that was given up must find it remembered: for an unknown one the whole
    // connection would end, and a hundred clients may leave at once.
    connection.maximumRecentlyResetStreams = 4096
    self.connection = connection

    var stream = Self.stream
    stream.streamResetFrameRateLimit.maximumCount = 100_000
    self.stream = stream
  }

  private static func settings(_ limits: MessageLimits) -> HTTP2Settings {
    [
      // Each field counts 32 bytes more than its text (RFC 9113 §6.5.2). What is above this ends the connection, with all
      // its streams; so that what is above the limits alone is read, and refused by itself, there is room in between.
      HTTP2Setting(parameter: .maxHeaderListSize, value: 4 * (limits.headBytes + 32 * limits.fieldCount)),
      HTTP2Setting(parameter: .initialWindowSize, value: window),
    ]
  }

  private static var stream: NIOHTTP2Handler.StreamConfiguration {
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.targetWindowSize = window
    stream.outboundBufferSizeHighWatermark = 64 * 1024
    stream.outboundBufferSizeLowWatermark = 32 * 1024
    return stream
  }

  /// What may be on its way in one stream: an upload's bytes for each round trip, and what a stream can hold of memory.
  private static let window = 256 * 1024

  /// Whether an error is about what one message says (RFC 9113 §8.1.1), and so of its stream alone.
  static func isOfOneMessage(_ error: any Error) -> Bool {
    switch error {
    case is NIOHTTP2Errors.MissingPseudoHeader, is NIOHTTP2Errors.DuplicatePseudoHeader,
      is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader, is NIOHTTP2Errors.UnknownPseudoHeader,
      is NIOHTTP2Errors.UnsupportedPseudoHeader, is NIOHTTP2Errors.InvalidPseudoHeaders,
      is NIOHTTP2Errors.EmptyPathHeader, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName,
      is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue, is NIOHTTP2Errors.ForbiddenHeaderField,
      is NIOHTTP2Errors.InvalidPseudoHeaderValue, is NIOHTTP2Errors.TrailersWithoutEndStream,
      is NIOHTTP2Errors.ContentLengthViolated, is NIOHTTP2Errors.ContentLengthHeadersMismatch,
      is NIOHTTP2Errors.ContentLengthHeaderNegative, is NIOHTTP2Errors.ContentLengthHeaderMalformedValue,
      is NIOHTTP2Errors.StreamError:
      true
    default: false
    }
  }
}
