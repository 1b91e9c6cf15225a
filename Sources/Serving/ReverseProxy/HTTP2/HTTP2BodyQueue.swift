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

  var isEmpty: Bool { pieces.isEmpty }

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
  mutating func next() -> HTTP2BodyPiece? { isEmpty ? nil : pieces.removeFirst() }
}
