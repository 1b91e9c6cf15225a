import HTTPMessages
import NIOCore

/// The responder of an exchange: an upstream connection or a file server. Used on the exchange's event loop only.
protocol UpstreamSide: AnyObject {
  /// False while it is slow to read the request's body.
  var isWritable: Bool { get }

  func send(_ body: ByteBuffer)
  func sendEnd(_ trailers: HeadFields?)
  /// The client has closed its sending side of a tunnel, and all its bytes were forwarded.
  func closeOutput()
  func flush()
  /// The client can read more of the response.
  func resume()
  /// The rest of the response is not needed.
  func cancel()
}

extension UpstreamSide {
  /// Does nothing: only HTTP/1.1 connections become tunnels.
  func closeOutput() {}
}
