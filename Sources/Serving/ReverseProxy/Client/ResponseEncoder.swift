import HTTPMessages
import NIOCore

/// Encodes the response head for an HTTP/1.1 client: the upstream's, without its hop-by-hop fields.
struct ResponseEncoder {
  /// The body is sent in chunks.
  var isChunked = false
  /// The connection is closed after this response.
  var closes = false

  /// Capacity for the added lines.
  private static let addedCapacity = 112

  /// - Parameter date: added to a response without a Date.
  func encode(_ head: ResponseHead, date: ResponseDate, to output: inout ByteBuffer) {
    let fields = head.fields
    output.reserveCapacity(minimumWritableBytes: fields.bytes.readableBytes + Self.addedCapacity)
    var writer = HeadWriter(behind: output.removeAll())
    if head.startLineRange == nil {
      writer.write("HTTP/1.1 ")
      writer.write(UInt64(head.status))
      if head.reasonRange.isEmpty { writer.write(" ") } else { writer.copy(head.reasonRange, of: fields) }
      writer.write("\r\n")
    }
    let isSwitching = head.status == 101
    // RFC 9110 §8.6
    let mayHaveLength = head.status >= 200 && head.status != 204
    var keepsLength = !isChunked && mayHaveLength && head.contentLength != nil
    // An interim response needs no Date (RFC 9110 §6.6.1).
    var isDated = head.status < 200
    writer.copyLines(of: fields, behind: head.startLineRange ?? 0..<0) { line in
      if line.name == .date { isDated = isDated || !line.isHopByHop }
      if line.name == .contentLength {
        // A repeated Content-Length is sent once.
        defer { keepsLength = false }
        return keepsLength
      }
      return !line.isHopByHop || isSwitching && line.name == .upgrade
    }
    if !isDated { writer.write(date.line) }
    if isSwitching { writer.write("Connection: Upgrade\r\n") }
    if isChunked { writer.write("Transfer-Encoding: chunked\r\n") }
    if closes { writer.write("Connection: close\r\n") }
    writer.end()
    output = writer.bytes
  }
}
