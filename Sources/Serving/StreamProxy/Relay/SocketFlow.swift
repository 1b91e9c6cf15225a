import Glibc
import NIOCore
import Synchronization

/// One direction of a relay between sockets: bytes from the source are written to the sink.
///
/// It reads only while the sink accepts bytes, so that a slow reader costs one buffer.
struct SocketFlow {
  enum Progress {
    /// Nothing to do until a socket is ready.
    case waiting
    /// The source may have more, but others have their turn first.
    case yielded
    case sourceFailed
    case sinkFailed
  }

  private enum State {
    case open
    /// Everything was read; the end is passed on after the held bytes.
    case ending
    case over
  }

  /// The number of buffers moved before others have their turn.
  private static let turn = 16

  private let source: Int32
  private let sink: Int32
  private let received: ByteCount
  /// Bytes that the sink has not accepted yet.
  private var held: ByteBuffer
  private var state = State.open
  /// Whether the source may have unread bytes.
  private var mayRead = false
  /// Whether the sink may accept bytes: after a refusal, it is tried only once it is reported writable.
  private var mayWrite = false
  /// Whether to read until nothing is left: the source has already ended, so that no further event comes, or it sends
  /// urgent data, at which reading stops.
  private var readsToEnd = false
  /// Whether an empty read is the end: the source is broken, and only bytes it sent before are left.
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

  /// Drops the held bytes and ends: the sink no longer has a reader.
  mutating func abandon() {
    state = .over
    held = ByteBuffer()
  }

  /// Reads the source's remaining bytes and ends: it no longer accepts any.
  mutating func drain() {
    (mayRead, readsToEnd, endsWhenDry) = (true, true, true)
  }

  /// Reads and writes until it has to wait for a socket, using a buffer that all flows of a thread share.
  mutating func move(through buffer: UnsafeMutableRawBufferPointer) -> Progress {
    if held.readableBytes > 0, !flush() { return .sinkFailed }
    for _ in 0..<Self.turn {
      guard held.readableBytes == 0, state == .open, mayRead else { return .waiting }
      let count = recv(source, buffer.baseAddress, buffer.count, 0)
      if count > 0 {
        received.add(count)
        // Fewer bytes than fit: nothing is left, and an event announces more.
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

  /// Passes the end on after the last byte; the other direction continues (half-close).
  private mutating func end() {
    state = .ending
    guard held.readableBytes == 0 else { return }
    shutdown(sink, Int32(SHUT_WR))
    state = .over
  }

  /// Writes held bytes as far as the sink accepts them; returns false if it is gone.
  private mutating func flush() -> Bool {
    var bytes = held
    held = ByteBuffer()
    let isThere = bytes.readWithUnsafeReadableBytes { (bytes: UnsafeRawBufferPointer) -> (Int, Bool) in
      (bytes.count, write(bytes))
    }
    if state == .ending { end() }
    return isThere
  }

  /// Writes what the sink accepts and holds the rest; returns false if it is gone.
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

/// The number of bytes received from one side of a relay: counted on the relay's thread, read on any.
final class ByteCount: Sendable {
  private let bytes = Atomic<UInt64>(0)

  init() {}

  var total: UInt64 { bytes.load(ordering: .relaxed) }

  /// Called on one thread only, which avoids the cost of an atomic addition.
  func add(_ more: Int) { bytes.store(bytes.load(ordering: .relaxed) &+ UInt64(more), ordering: .relaxed) }
}
