import HTTPMessages
import NIOCore
import NIOHPACK
import NIOHTTP2

extension HTTP2Stream: ClientSide {
  var isWritable: Bool { context?.channel.isWritable ?? false }

  func sendInterim(_ head: ResponseHead) {
    write(.headers(.init(headers: HPACKHeaders(head, date: worker.date))))
    flush()
  }

  func send(_ head: ResponseHead, framing: BodyFraming) {
    guard framing != .none else { return lastHead = head }
    write(.headers(.init(headers: HPACKHeaders(head, date: worker.date))))
  }

  func send(_ body: ByteBuffer) {
    guard body.readableBytes > 0 else { return }
    write(.data(.init(data: .byteBuffer(body))))
  }

  func sendEnd(_ trailers: HeadFields?) {
    let trailers = trailers.map { HPACKHeaders(trailers: $0) }
    if let trailers, !trailers.isEmpty {
      if let lastHead { write(.headers(.init(headers: HPACKHeaders(lastHead, date: worker.date)))) }
      end(.headers(.init(headers: trailers, endStream: true)))
    } else if let lastHead {
      end(.headers(.init(headers: HPACKHeaders(lastHead, date: worker.date), endStream: true)))
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
