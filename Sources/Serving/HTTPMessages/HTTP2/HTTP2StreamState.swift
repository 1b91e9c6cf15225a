import NIOCore

/// One stream of a connection (RFC 9113 §5.1).
struct HTTP2StreamState {
  enum Ending {
    case plain
    case trailers(HeadFields)
  }

  /// 0 where no stream is.
  var id: UInt32
  /// What may still be sent, and received.
  var sendWindow: Int
  var receiveWindow = HTTP2Bounds.streamWindow
  /// Received bytes for which the other side was given no room again.
  var consumed = 0
  /// What the head still promises of the body; nil if it does not say.
  var promised: UInt64?
  /// The response has no body, whatever its fields say: the request is a HEAD.
  var isOfHead = false
  /// The head that is no interim one.
  var hasHead = false
  var isReceiving = true
  /// Waits for a window, or for the connection.
  var queue = ByteQueue()
  /// Behind the queue.
  var ending: Ending?
  var isSending = true
  /// Among those that wait for a window.
  var isBlocked = false
}

/// Pieces of a body that wait, the first one first.
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

  /// Lets the first piece be read from; it goes once it is empty.
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
