import Glibc
import NIOCore

/// One direction of a relay between sockets: what is read from the source goes to the sink.
///
/// It reads only while the sink takes what was read, so that a slow reader costs one buffer.
struct SocketFlow {
  enum Progress {
    /// Nothing to do until a socket is ready.
    case waiting
    /// The source may have more, and others have their turn first.
    case yielded
    case sourceFailed
    case sinkFailed
  }

  private enum State {
    case open
    /// All was read; its end is passed on behind what is held.
    case ending
    case over
  }

  /// How many buffers are moved before others have their turn.
  private static let turn = 16

  private let source: Int32
  private let sink: Int32
  private let received: ByteCount
  /// What the sink has not taken yet.
  private var held: ByteBuffer
  private var state = State.open
  /// Whether the source may have something that was not read yet.
  private var mayRead = false
  /// Whether the sink may take something: it is tried again only when it says so.
  private var mayWrite = false
  /// Whether to read until there is nothing: the source has told its end already, about which no further event comes, or
  /// it sends urgent data, at which reading stops.
  private var readsToEnd = false
  /// Whether finding nothing is the end: the source is broken, and what it said before is all there is.
  private var endsWhenDry = false

  init(from source: Int32, to sink: Int32, ahead: ByteBuffer, received: ByteCount) {
    (self.source, self.sink, held, self.received) = (source, sink, ahead, received)
  }

  var isOver: Bool { state == .over }

  var canMove: Bool {
    held.readableBytes > 0 ? mayWrite : mayRead && state == .open
  }

  mutating func sourceIsReady(readsToEnd: Bool) {
    mayRead = true
    if readsToEnd { self.readsToEnd = true }
  }

  mutating func sinkIsReady() { mayWrite = true }

  /// Nobody is there any more to take what comes.
  mutating func abandon() {
    state = .over
    held = ByteBuffer()
  }

  /// The source takes nothing any more: what it has said is read, and then it is over.
  mutating func drain() {
    (mayRead, readsToEnd, endsWhenDry) = (true, true, true)
  }

  /// Reads and writes until a socket has to be waited for, by way of a buffer that all flows of a thread share.
  mutating func move(through buffer: UnsafeMutableRawBufferPointer) -> Progress {
    if held.readableBytes > 0, !flush() { return .sinkFailed }
    for _ in 0..<Self.turn {
      guard held.readableBytes == 0, state == .open, mayRead else { return .waiting }
      let count = recv(source, buffer.baseAddress, buffer.count, 0)
      if count > 0 {
        received.add(count)
        // Less than there was room for: nothing is left, and what comes next is told.
        if count < buffer.count, !readsToEnd { mayRead = false }
        guard write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return .sinkFailed }
      } else if count == 0 {
        end()
      } else if errno == EAGAIN {
        mayRead = false
        if endsWhenDry { end() }
      } else if errno != EINTR {
        end()
        return .sourceFailed
      }
    }
    return .yielded
  }

  /// Passes the end on behind the last byte; the other direction goes on (half-close).
  private mutating func end() {
    state = .ending
    guard held.readableBytes == 0 else { return }
    shutdown(sink, Int32(SHUT_WR))
    state = .over
  }

  /// Writes what is held, as far as the sink takes it; false where it is gone.
  private mutating func flush() -> Bool {
    var bytes = held
    held = ByteBuffer()
    let isThere = bytes.readWithUnsafeReadableBytes { (bytes: UnsafeRawBufferPointer) -> (Int, Bool) in
      (bytes.count, write(bytes))
    }
    if state == .ending { end() }
    return isThere
  }

  /// Writes what the sink takes and holds the rest; false where it is gone.
  private mutating func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var sent = send(sink, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    while sent < 0, errno == EINTR { sent = send(sink, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    if sent == bytes.count { return true }
    guard sent >= 0 || errno == EAGAIN else { return false }
    mayWrite = false
    held.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[max(0, sent)...]))
    return true
  }
}
