import HTTPMessages
import NIOCore
import NIOHPACK
import NIOHTTP2

extension HTTP2Stream: ClientSide {
  var isWritable: Bool { context?.channel.isWritable ?? false }

  func sendInterim(_ head: ResponseHead) {
    write(.headers(.init(headers: HPACKHeaders(head))))
    flush()
  }

  func send(_ head: ResponseHead, framing: BodyFraming) {
    if framing == .none { lastHead = head } else { write(.headers(.init(headers: HPACKHeaders(head)))) }
  }

  func send(_ body: ByteBuffer) {
    guard body.readableBytes > 0 else { return }
    write(.data(.init(data: .byteBuffer(body))))
  }

  func sendEnd(_ trailers: HeadFields?) {
    let trailers = trailers.map { HPACKHeaders(trailers: $0) }
    if let trailers, !trailers.isEmpty {
      if let lastHead { write(.headers(.init(headers: HPACKHeaders(lastHead)))) }
      write(.headers(.init(headers: trailers, endStream: true)))
    } else if let lastHead {
      write(.headers(.init(headers: HPACKHeaders(lastHead), endStream: true)))
    } else {
      write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
    }
    lastHead = nil
    finish(with: nil)
  }

  func flush() { context?.flush() }

  func abort() { finish(with: .internalError) }

  /// HTTP/2 has no 101 (RFC 9113 §8.6), so that no exchange of its asks for one.
  func startTunnel() { abort() }
}
