package import NIOCore

extension ByteBuffer {
  /// The number of bytes up to which a copy is better than a slice.
  private static let smallBytes = 4 * 1024

  /// Appends bytes that were received, behind those that are not parsed yet.
  ///
  /// What was parsed is dropped. Otherwise the buffer would grow with everything that a peer sends, if its reads always
  /// end inside a frame, a head or a chunk line, so that something is left.
  package mutating func appendReceived(_ bytes: ByteBuffer) {
    guard readableBytes > 0 else { return self = bytes }
    discardReadBytes()
    writeImmutableBuffer(bytes)
  }

  /// Whether these bytes are copied rather than kept: a slice keeps the whole buffer of its read in memory, even if it is
  /// one byte.
  package var isSmall: Bool { readableBytes <= Self.smallBytes }

  /// The bytes in a buffer of their own.
  package var copied: ByteBuffer { ByteBuffer(bytes: readableBytesView) }

  /// Appends bytes to a buffer that other small pieces share.
  ///
  /// - Returns: false if the buffer is full.
  package mutating func share(with bytes: ByteBuffer) -> Bool {
    guard writerIndex + bytes.readableBytes <= 4 * Self.smallBytes else { return false }
    writeImmutableBuffer(bytes)
    return true
  }
}

/// Pieces of a body that wait, in order: few, because small ones are copied and share buffers.
struct ByteQueue {
  private var pieces: [ByteBuffer] = []
  private(set) var count = 0
  /// Whether the last piece is a copy, which can take more.
  private var isLastCopied = false

  var isEmpty: Bool { pieces.isEmpty }

  mutating func append(_ piece: ByteBuffer) {
    guard piece.readableBytes > 0 else { return }
    count += piece.readableBytes
    if piece.isSmall, isLastCopied, !isEmpty, pieces[pieces.count - 1].share(with: piece) { return }
    isLastCopied = piece.isSmall
    pieces.append(isLastCopied ? piece.copied : piece)
  }

  /// Reads from the first piece, and removes it once it is empty.
  mutating func withFirst(_ read: (inout ByteBuffer) -> Void) {
    guard !isEmpty else { return }
    let before = pieces[0].readableBytes
    read(&pieces[0])
    count -= before - pieces[0].readableBytes
    if pieces[0].readableBytes == 0 { pieces.removeFirst() }
  }
}
