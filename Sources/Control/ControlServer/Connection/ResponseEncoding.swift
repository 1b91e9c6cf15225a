import HTTPMessages
import NIOCore

/// Writes an answer as HTTP/1.1.
struct ResponseEncoding {
  /// Whether the connection ends behind the answer.
  var closes: Bool
  /// Whether the request is a HEAD, so that no body is sent.
  let isHead: Bool
  /// HTTP/1.0 has no chunks: the end of the connection ends the body.
  private let knowsChunks: Bool

  init(closes: Bool = false) { (self.closes, isHead, knowsChunks) = (closes, false, true) }

  init(to request: RequestHead, closes: Bool) {
    self.closes = closes
    isHead = request.method == .head
    knowsChunks = request.minorVersion == 1
  }

  /// - Parameter length: of the body; nil if it is not known beforehand.
  func head(of response: Response, length: Int? = nil) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(256)
    let status = response.status.rawValue
    bytes.writeString("HTTP/1.1 \(status) \(StatusReason.text(status))\r\nContent-Type: \(response.contentType)\r\n")
    bytes.writeStaticString("Cache-Control: no-store\r\n")
    if let allow = response.allow { bytes.writeString("Allow: \(allow)\r\n") }
    if closes { bytes.writeStaticString("Connection: close\r\n") }
    if let length {
      bytes.writeString("Content-Length: \(length)\r\n")
    } else if knowsChunks {
      bytes.writeStaticString("Transfer-Encoding: chunked\r\n")
    }
    bytes.writeStaticString("\r\n")
    return bytes
  }

  /// A piece of a body of unknown length.
  func piece(_ piece: ByteBuffer) -> [ByteBuffer] {
    guard knowsChunks, piece.readableBytes > 0 else { return [piece] }
    let prefix = ChunkEncoding.prefix(length: piece.readableBytes, allocator: ByteBufferAllocator())
    return [prefix, piece, ChunkEncoding.suffix]
  }

  var end: ByteBuffer {
    knowsChunks ? ChunkEncoding.end(trailers: nil, allocator: ByteBufferAllocator()) : ByteBuffer()
  }
}
