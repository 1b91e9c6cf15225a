import HTTPMessages
import NIOCore

/// Who answers an exchange: a connection to an upstream, or a file server. All on the exchange's event loop.
protocol UpstreamSide: AnyObject {
  /// False while it is slow to take the request's body.
  var isWritable: Bool { get }

  func send(_ body: ByteBuffer)
  func sendEnd(_ trailers: HeadFields?)
  /// The client has ended its side of a tunnel, and all that it sent was passed on.
  func closeOutput()
  func flush()
  /// The client can take more of the response.
  func resume()
  /// Nobody waits for the rest.
  func cancel()
}

extension UpstreamSide {
  /// Only connections of HTTP/1.1 switch to a tunnel.
  func closeOutput() {}
}
