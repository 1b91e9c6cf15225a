import FileServing
import HTTPMessages
import NIOCore

final class FileResponder: UpstreamSide {
  static func serve(_ folder: ServedFolder, _ exchange: Exchange) -> FileResponder { FileResponder() }
  var isWritable: Bool { true }
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}
  func resume() {}
  func cancel() {}
  func finishTunnel() {}
}
