package import NIOCore

/// Frames a body of unknown length (RFC 9112 §7.1).
package enum ChunkEncoding {
  /// The bytes before a chunk of that length, which is not 0.
  package static func prefix(length: Int, allocator: ByteBufferAllocator) -> ByteBuffer {
    var bytes = allocator.buffer(capacity: 18)
    bytes.writeString(String(length, radix: 16))
    bytes.writeStaticString("\r\n")
    return bytes
  }

  /// The bytes after a chunk.
  package static let suffix = ByteBuffer(staticString: "\r\n")

  private static let plainEnd = ByteBuffer(staticString: "0\r\n\r\n")

  /// The last chunk, with trailers except those for framing and routing (RFC 9110 §6.5.1).
  package static func end(trailers: HeadFields?, allocator: ByteBufferAllocator) -> ByteBuffer {
    guard let trailers else { return plainEnd }
    var writer = HeadWriter(allocator: allocator, capacity: trailers.bytes.readableBytes + 8)
    writer.write("0\r\n")
    writer.copyLines(of: trailers) { !$0.isHopByHop && !$0.name.isBarredFromTrailers }
    writer.end()
    return writer.bytes
  }
}
