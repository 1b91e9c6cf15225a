import HTTPMessages
import NIOCore

/// Messages of HTTP/1.1 as a peer sends them, read the same in whatever pieces they come.
enum HTTPInput {
  /// - Parameter split: after how many bytes the second piece begins.
  static func readRequests(_ bytes: [UInt8], split: Int) {
    let whole = requests([bytes])
    precondition(whole == requests(pieces(of: bytes, split)))
  }

  static func readResponses(_ bytes: [UInt8], split: Int) {
    let whole = responses([bytes])
    precondition(whole == responses(pieces(of: bytes, split)))
  }

  private static func pieces(of bytes: [UInt8], _ split: Int) -> [[UInt8]] {
    let middle = min(split, bytes.count)
    return [Array(bytes[..<middle]), Array(bytes[middle...])]
  }

  /// A head as it was read, and how its body is framed.
  private typealias Head = (words: [String], framing: BodyFraming)

  /// What was read: heads, lengths of bodies, and the fault that ended it.
  private static func requests(_ pieces: [[UInt8]]) -> [String] {
    var parser = RequestHeadParser(limits: MessageLimits())
    return read(pieces) { input throws(MessageFault) -> Head? in
      guard let head = try parser.next(from: &input) else { return nil }
      // What decides about a request can be asked of every one that was taken.
      _ = HostField(head.fields.bytes.readableBytesUInt8Span.extracting(head.hostRange))
      let words = ["\(head.methodName) \(head.target) \(head.hostName) \(head.isPersistent)"]
      let fields = head.fields
      return (words + fields.lines.map { fields.name(of: $0) + ": " + fields.value(of: $0) }, head.framing)
    }
  }

  private static func responses(_ pieces: [[UInt8]]) -> [String] {
    var parser = ResponseHeadParser(limits: MessageLimits())
    return read(pieces) { input throws(MessageFault) -> Head? in
      guard let head = try parser.next(from: &input) else { return nil }
      let words = ["\(head.status) \(head.isPersistent) \(head.contentLength ?? 0)"]
      return (words, head.isInterim ? .none : head.framing(for: .get))
    }
  }

  private static func read(
    _ pieces: [[UInt8]], head: (inout ByteBuffer) throws(MessageFault) -> Head?
  ) -> [String] {
    var (input, seen, length) = (ByteBuffer(), [String](), 0)
    var decoder: BodyDecoder?
    do throws(MessageFault) {
      for piece in pieces {
        input.writeBytes(piece)
        while true {
          if var body = decoder {
            guard let part = try body.next(from: &input) else {
              decoder = body
              break
            }
            decoder = body
            switch part {
            case .bytes(let bytes): length += bytes.readableBytes
            case .end(let trailers):
              seen.append("\(length) bytes, \(trailers?.lines.count ?? 0) trailers")
              (decoder, length) = (nil, 0)
            }
          } else {
            guard let (words, framing) = try head(&input) else { break }
            seen += words
            if framing != .none { decoder = BodyDecoder(framing, limits: MessageLimits()) }
          }
        }
      }
    } catch { return seen + ["\(error)"] }
    return seen + ["\(length) bytes, \(input.readableBytes) wait"]
  }
}
