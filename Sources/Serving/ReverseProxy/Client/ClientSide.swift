import HTTPMessages
import NIOCore

/// Who asked, as an exchange sees it: a connection of HTTP/1.1 or a stream of HTTP/2. All on the exchange's event loop.
protocol ClientSide: AnyObject {
  /// False while the client is slow to read: whoever sends waits for ``Exchange/clientBecameWritable()``.
  var isWritable: Bool { get }

  /// A 1xx; not sent to who would not understand it.
  func sendInterim(_ head: ResponseHead)
  /// The one response. Sent with the next flush.
  func send(_ head: ResponseHead, framing: BodyFraming)
  func send(_ body: ByteBuffer)
  /// The response is complete; the exchange is over and must not be used any more.
  func sendEnd(_ trailers: HeadFields?)
  func flush()
  /// The response cannot be completed: the client must notice.
  func abort()
  /// The exchange takes request body (again).
  func resume()
  /// A 101 was sent: from here on all bytes of the connection belong to the exchange.
  func startTunnel()
}
