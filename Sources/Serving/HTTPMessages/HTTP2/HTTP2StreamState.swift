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

/// Pieces of a body that wait, in order.
struct ByteQueue {
  private var pieces: [ByteBuffer] = []
  private var first = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ piece: ByteBuffer) {
    guard piece.readableBytes > 0 else { return }
    pieces.append(piece)
    count += piece.readableBytes
  }

  /// Reads from the first piece, and removes it once it is empty.
  mutating func withFirst(_ read: (inout ByteBuffer) -> Void) {
    guard first < pieces.count else { return }
    let before = pieces[first].readableBytes
    read(&pieces[first])
    count -= before - pieces[first].readableBytes
    guard pieces[first].readableBytes == 0 else { return }
    pieces[first] = ByteBuffer()
    first += 1
    if first == pieces.count { (pieces, first) = ([], 0) }
  }
}
