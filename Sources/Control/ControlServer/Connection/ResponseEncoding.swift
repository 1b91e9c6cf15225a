import HTTPMessages
import NIOCore

/// Writes an answer as HTTP/1.1.
struct ResponseEncoding {
  /// The connection ends behind the answer.
  var closes: Bool
  private let isHead: Bool
  /// HTTP/1.0 knows no chunks: there the connection's end is the body's.
  private let knowsChunks: Bool

  init(closes: Bool = false) { (self.closes, isHead, knowsChunks) = (closes, false, true) }

  init(to request: RequestHead, closes: Bool) {
    self.closes = closes
    isHead = request.method == .head
    knowsChunks = request.minorVersion == 1
  }

  /// The head, with the body where that is there as a whole.
  func head(of response: Response) -> ByteBuffer {
    var bytes = ByteBuffer()
    let status = response.status.rawValue
    bytes.writeString("HTTP/1.1 \(status) \(StatusReason.text(status))\r\nContent-Type: \(response.contentType)\r\n")
    bytes.writeStaticString("Cache-Control: no-store\r\n")
    if let allow = response.allow { bytes.writeString("Allow: \(allow)\r\n") }
    if closes { bytes.writeStaticString("Connection: close\r\n") }
    switch response.body {
    case .bytes(let body):
      bytes.writeString("Content-Length: \(body.readableBytes)\r\n\r\n")
      if !isHead { bytes.writeImmutableBuffer(body) }
    case .stream:
      if knowsChunks { bytes.writeStaticString("Transfer-Encoding: chunked\r\n") }
      bytes.writeStaticString("\r\n")
    }
    return bytes
  }

  func piece(_ piece: ByteBuffer) -> ByteBuffer {
    guard knowsChunks else { return piece }
    var bytes = ChunkEncoding.prefix(length: piece.readableBytes, allocator: ByteBufferAllocator())
    bytes.writeImmutableBuffer(piece)
    bytes.writeImmutableBuffer(ChunkEncoding.suffix)
    return bytes
  }

  var end: ByteBuffer {
    knowsChunks ? ChunkEncoding.end(trailers: nil, allocator: ByteBufferAllocator()) : ByteBuffer()
  }
}
