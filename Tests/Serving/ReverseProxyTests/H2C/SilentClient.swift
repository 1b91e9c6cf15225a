import HTTPMessages
import NIOCore

@testable import ReverseProxy

/// A client that ignores its response.
final class SilentClient: ClientSide {
  var isWritable: Bool { true }
  func sendInterim(_ head: ResponseHead) {}
  func send(_ head: ResponseHead, framing: BodyFraming) {}
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}
  func abort() {}
  func resume() {}
  func startTunnel() {}
}
