import HTTPMessages
import NIOCore

/// Who answers an exchange: a connection to an upstream, or a file server. All on the exchange's event loop.
protocol UpstreamSide: AnyObject {
  /// False while it is slow to take the request's body.
  var isWritable: Bool { get }

  func send(_ body: ByteBuffer)
  func sendEnd(_ trailers: HeadFields?)
  func flush()
  /// The client can take more of the response.
  func resume()
  /// Nobody waits for the rest.
  func cancel()
}
