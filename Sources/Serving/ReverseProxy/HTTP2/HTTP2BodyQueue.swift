import HTTPMessages
import NIOCore

/// A part of a body that is to be forwarded.
enum HTTP2BodyPiece {
  case bytes(ByteBuffer)
  case end(HeadFields?)
}

/// The bytes that wait in all body queues of an event loop.
///
/// Flow control limits what waits for each stream, but a client may open many connections with many streams, and let
/// them wait for ever: so each client has a share.
final class WaitingBytes {
  /// A client may use this part of the room.
  static let clientShare = 8

  private let max: Int
  private(set) var count = 0
  private var countByClient: [String: Int] = [:]

  init(max: Int) { self.max = max }

  /// Returns false if there is no room for that many more, or the client has no share left.
  ///
  /// - Parameter client: its address or network.
  func reserve(_ bytes: Int, of client: String) -> Bool {
    let ofClient = countByClient[client, default: 0] + bytes
    guard count + bytes <= max, ofClient <= max / Self.clientShare else { return false }
    count += bytes
    countByClient[client] = ofClient
    return true
  }

  func release(_ bytes: Int, of client: String) {
    count -= bytes
    let ofClient = countByClient[client, default: 0] - bytes
    countByClient[client] = ofClient > 0 ? ofClient : nil
  }
}

/// The parts of a body that were received and not forwarded yet, in order; limited by flow control.
struct HTTP2BodyQueue: ~Copyable {
  private var pieces: [HTTP2BodyPiece] = []
  private let room: WaitingBytes
  private var reserved = 0
  /// Whose share of the room is used.
  private var client = ""

  init(in room: WaitingBytes) { self.room = room }

  deinit { if reserved > 0 { room.release(reserved, of: client) } }

  var isEmpty: Bool { pieces.isEmpty }

  /// Returns false, and appends nothing, if the bytes would have to wait and too many wait already.
  ///
  /// - Parameters:
  ///   - waits: whether the bytes are not taken at once. They are copied then: a slice would keep everything that arrived
  ///     with it in memory.
  ///   - client: the address or network of the client, whose body it is or who does not read it.
  mutating func append(_ bytes: ByteBuffer, waits: Bool, of client: @autoclosure () -> String) -> Bool {
    guard bytes.readableBytes > 0 else { return true }
    guard waits || !isEmpty else {
      pieces.append(.bytes(bytes))
      return true
    }
    if reserved == 0 { self.client = client() }
    guard room.reserve(bytes.readableBytes, of: self.client) else { return false }
    reserved += bytes.readableBytes
    if !isEmpty, case .bytes(var copies) = pieces[pieces.count - 1] {
      // So that there is one reference to the buffer.
      pieces[pieces.count - 1] = .end(nil)
      let isShared = copies.share(with: bytes)
      pieces[pieces.count - 1] = .bytes(copies)
      if isShared { return true }
    }
    pieces.append(.bytes(bytes.copied))
    return true
  }

  mutating func append(end trailers: HeadFields?) { pieces.append(.end(trailers)) }

  /// Removes the first piece.
  mutating func next() -> HTTP2BodyPiece? {
    guard !isEmpty else { return nil }
    let piece = pieces.removeFirst()
    if reserved > 0, case .bytes(let bytes) = piece { release(isEmpty ? reserved : min(reserved, bytes.readableBytes)) }
    return piece
  }

  mutating func removeAll() {
    pieces = []
    release(reserved)
  }

  private mutating func release(_ bytes: Int) {
    room.release(bytes, of: client)
    reserved -= bytes
  }
}
