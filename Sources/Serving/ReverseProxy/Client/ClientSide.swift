import HTTPMessages
import NIOCore

/// The client of an exchange: an HTTP/1.1 connection or an HTTP/2 stream. Used on the exchange's event loop only.
protocol ClientSide: AnyObject {
  /// False while the client is slow to read: the sender waits for ``Exchange/clientBecameWritable()``.
  var isWritable: Bool { get }

  /// Sends a 1xx response; ignored for HTTP/1.0 clients, which do not know them.
  func sendInterim(_ head: ResponseHead)
  /// Sends the head of the final response with the next flush.
  func send(_ head: ResponseHead, framing: BodyFraming)
  func send(_ body: ByteBuffer)
  /// Completes the response. The exchange has ended and must not be used after that.
  func sendEnd(_ trailers: HeadFields?)
  func flush()
  /// Ends an incomplete response in a way that the client can detect.
  func abort()
  /// Called when the exchange accepts more of the request's body.
  func resume()
  /// Called after a 101: all further bytes of the connection belong to the exchange.
  func startTunnel()
}
