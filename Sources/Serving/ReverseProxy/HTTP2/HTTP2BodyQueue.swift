import HTTPMessages
import NIOCore

/// A part of a body that is to be forwarded.
enum HTTP2BodyPiece {
  case bytes(ByteBuffer)
  case end(HeadFields?)
}

/// The parts of a body that were received and not forwarded yet, in order; limited by flow control.
struct HTTP2BodyQueue {
  private var pieces: [HTTP2BodyPiece] = []
  private var first = 0

  var isEmpty: Bool { first == pieces.count }

  /// - Parameter waits: whether the bytes are not taken at once. They are copied then: a slice would keep everything that
  ///   arrived with it in memory.
  mutating func append(_ bytes: ByteBuffer, waits: Bool) {
    guard bytes.readableBytes > 0 else { return }
    guard waits || !isEmpty else { return pieces.append(.bytes(bytes)) }
    if !isEmpty, case .bytes(var copies) = pieces[pieces.count - 1] {
      // So that there is one reference to the buffer.
      pieces[pieces.count - 1] = .end(nil)
      let isShared = copies.share(with: bytes)
      pieces[pieces.count - 1] = .bytes(copies)
      if isShared { return }
    }
    pieces.append(.bytes(bytes.copied))
  }

  mutating func append(end trailers: HeadFields?) { pieces.append(.end(trailers)) }

  /// Removes the first piece.
  mutating func next() -> HTTP2BodyPiece? {
    guard !isEmpty else { return nil }
    let piece = pieces[first]
    pieces[first] = .end(nil)
    first += 1
    if isEmpty || first == 64 {
      pieces.removeFirst(first)
      first = 0
    }
    return piece
  }
}
