package import NIOCore

/// What came on an HTTP/2 connection. Streams are named by their slots, which are small numbers that are used again.
package enum HTTP2Event {
  /// - Parameter isWhole: no body follows.
  case request(slot: Int, RequestHead, isWhole: Bool)
  /// A request that is refused: it may be answered. Method and path are what can be said of it.
  case badRequest(slot: Int, MessageFault, method: String?, path: String?)
  case response(slot: Int, ResponseHead, isWhole: Bool)
  /// An upstream's response that is none; its stream is reset.
  case badResponse(slot: Int, MessageFault)
  case body(slot: Int, ByteBuffer, isLast: Bool)
  case trailers(slot: Int, HeadFields?)
  /// The stream is over, and its slot free: by the other side, or for a mistake that it made.
  case reset(slot: Int, HTTP2ErrorCode)
  /// The settings of the other side hold from now on.
  case settings
  /// More may be sent.
  case windowOpened
  /// The other side did nothing with streams beyond the last one.
  case goAway(lastStream: UInt32)
  /// Which streams are the last ones is decided.
  case drained
  /// The connection is to be closed, behind what was written.
  case failed(HTTP2ErrorCode)
}
