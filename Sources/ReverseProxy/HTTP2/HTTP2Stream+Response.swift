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
      end(.headers(.init(headers: trailers, endStream: true)))
    } else if let lastHead {
      end(.headers(.init(headers: HPACKHeaders(lastHead), endStream: true)))
    } else {
      end(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
    }
  }

  private func end(_ last: HTTP2Frame.FramePayload) {
    lastHead = nil
    finish(last)
  }

  func flush() { context?.flush() }

  /// HTTP/2 has no 101 (RFC 9113 §8.6), so that no exchange of its asks for one.
  func startTunnel() { abort() }
}
