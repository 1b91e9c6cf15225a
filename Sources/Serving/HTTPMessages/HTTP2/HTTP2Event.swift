package import NIOCore

/// An event on an HTTP/2 connection. Streams are identified by their slots, which are small numbers that are reused.
package enum HTTP2Event {
  /// - Parameter isWhole: no body follows.
  case request(slot: Int, RequestHead, isWhole: Bool)
  /// A refused request, which may be answered. Method and path are nil if they are unknown.
  case badRequest(slot: Int, MessageFault, method: String?, path: String?)
  case response(slot: Int, ResponseHead, isWhole: Bool)
  /// An upstream's invalid response; its stream is reset.
  case badResponse(slot: Int, MessageFault)
  case body(slot: Int, ByteBuffer, isLast: Bool)
  case trailers(slot: Int, HeadFields?)
  /// The peer reset the stream, or it ended because of the peer's error; its slot is free.
  case reset(slot: Int, HTTP2ErrorCode)
  /// The settings of the peer are now in force.
  case settings
  /// A flow-control window was enlarged.
  case windowOpened
  /// The peer ignores streams above the last one.
  case goAway(lastStream: UInt32)
  /// The last streams are decided.
  case drained
  /// The connection must be closed, after the output.
  case failed(HTTP2ErrorCode)
}

/// Why a stream or a connection ends (RFC 9113 §7).
package struct HTTP2ErrorCode: Hashable, Sendable {
  package let rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  package static let noError = HTTP2ErrorCode(0)
  package static let protocolError = HTTP2ErrorCode(1)
  package static let internalError = HTTP2ErrorCode(2)
  package static let flowControlError = HTTP2ErrorCode(3)
  package static let streamClosed = HTTP2ErrorCode(5)
  package static let frameSizeError = HTTP2ErrorCode(6)
  package static let refusedStream = HTTP2ErrorCode(7)
  package static let cancel = HTTP2ErrorCode(8)
  package static let compressionError = HTTP2ErrorCode(9)
  package static let enhanceYourCalm = HTTP2ErrorCode(11)
}
