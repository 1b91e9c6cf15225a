import NIOCore

/// One stream of a connection (RFC 9113 §5.1).
struct HTTP2StreamState {
  enum Ending {
    case plain
    case trailers(HeadFields)
  }

  /// 0 if there is no stream.
  var id: UInt32
  /// The bytes that may still be sent, and received.
  var sendWindow: Int
  var receiveWindow = HTTP2Bounds.streamWindow
  /// Received bytes that were not returned to the peer's window yet.
  var consumed = 0
  /// The rest of the body according to Content-Length; nil without one.
  var promised: UInt64?
  /// Whether the request is a HEAD, so that the response has no body, whatever its fields say.
  var isOfHead = false
  /// Whether the final head was received.
  var hasHead = false
  var isReceiving = true
  /// Data that waits for a window, or for the connection.
  var queue = ByteQueue()
  /// The end of the message, behind the queue.
  var ending: Ending?
  var isSending = true
  /// Whether it is among the streams that wait for a window.
  var isBlocked = false
}
