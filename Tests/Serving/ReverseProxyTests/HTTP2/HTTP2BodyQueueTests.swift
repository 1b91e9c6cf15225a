import NIOCore
import Testing

@testable import ReverseProxy

@Suite(.timeLimit(.minutes(5))) struct HTTP2BodyQueueTests {
  private let room = WaitingBytes(max: 10_000_000)

  /// Takes everything out of a queue.
  private func drained(_ queue: inout HTTP2BodyQueue) -> (bytes: [UInt8], capacity: Int, isEnded: Bool) {
    var result: (bytes: [UInt8], capacity: Int, isEnded: Bool) = ([], 0, false)
    while let piece = queue.next() {
      switch piece {
      case .bytes(let bytes):
        #expect(!result.isEnded)
        result.bytes += bytes.readableBytesView
        result.capacity += bytes.storageCapacity
      case .end: result.isEnded = true
      }
    }
    return result
  }

  /// Frames of one byte, each of a read of its own; and frames that arrived with much else.
  @Test(arguments: [1, 5000])
  func whatWaitsKeepsNoMoreThanItself(size: Int) {
    var queue = HTTP2BodyQueue(in: room)
    for value in 0..<100 {
      var read = ByteBuffer(repeating: UInt8(value), count: 64 * 1024)
      let isAccepted = queue.append(read.readSlice(length: size) ?? ByteBuffer(), waits: true, of: "a")
      #expect(isAccepted && room.count == (value + 1) * size)
    }
    queue.append(end: nil)
    let (bytes, capacity, isEnded) = drained(&queue)
    #expect(bytes == (0..<100).flatMap { [UInt8](repeating: $0, count: size) } && isEnded)
    #expect(capacity <= 2 * bytes.count + 16 * 1024)
    #expect(room.count == 0)
  }

  @Test func whatIsTakenAtOnceIsNotCopied() {
    var queue = HTTP2BodyQueue(in: WaitingBytes(max: 9))
    let bytes = ByteBuffer(repeating: 0, count: 10)
    let isAccepted = queue.append(bytes, waits: false, of: "a")
    #expect(isAccepted)
    guard case .bytes(let taken)? = queue.next() else { return #expect(Bool(false), "nothing came out") }
    bytes.withUnsafeReadableBytes { first in
      taken.withUnsafeReadableBytes { #expect($0.baseAddress == first.baseAddress) }
    }
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
  }

  /// Bytes may arrive while those before them are being forwarded, and are never added to a piece that was taken.
  @Test func keepsTheOrderWhileItIsTakenFrom() {
    var queue = HTTP2BodyQueue(in: room)
    var bytes: [UInt8] = []
    for value in 0..<200 {
      let isAccepted = queue.append(ByteBuffer(bytes: [UInt8(value)]), waits: value % 3 > 0, of: "a")
      #expect(isAccepted)
      if value % 2 == 1, case .bytes(let taken)? = queue.next() { bytes += taken.readableBytesView }
    }
    bytes += drained(&queue).bytes
    #expect(bytes == (0..<200).map { UInt8($0) })
    #expect(room.count == 0)
  }

  private static func accepts(_ count: Int, _ queue: inout HTTP2BodyQueue, of client: String) -> Bool {
    queue.append(ByteBuffer(repeating: 0, count: count), waits: true, of: client)
  }

  @Test func theQueuesOfAClientUseItsShare() {
    let room = WaitingBytes(max: 800)
    var first = HTTP2BodyQueue(in: room)
    #expect(Self.accepts(60, &first, of: "a"))
    do {
      var second = HTTP2BodyQueue(in: room)
      #expect(Self.accepts(40, &second, of: "a") && !Self.accepts(1, &second, of: "a"))
      #expect(drained(&second).bytes.count == 40, "what did not fit was not appended")
      #expect(Self.accepts(30, &second, of: "a"))
      var other = HTTP2BodyQueue(in: room)
      #expect(Self.accepts(100, &other, of: "b") && !Self.accepts(1, &other, of: "b"))
    }
    #expect(room.count == 60, "the other queues are gone")
    first.removeAll()
    #expect(room.count == 0 && Self.accepts(100, &first, of: "a"))
  }

  @Test func allClientsShareTheRoom() {
    let room = WaitingBytes(max: 800)
    var clients = Array(0..<8).map { _ in Boxed(HTTP2BodyQueue(in: room)) }
    for (number, client) in clients.enumerated() { #expect(client.accepts(100, of: "\(number)")) }
    let one = Boxed(HTTP2BodyQueue(in: room))
    #expect(!one.accepts(1, of: "one more"))
    clients.removeLast()
    #expect(one.accepts(100, of: "one more"))
  }

  private final class Boxed {
    private var queue: HTTP2BodyQueue
    init(_ queue: consuming HTTP2BodyQueue) { self.queue = queue }
    func accepts(_ count: Int, of client: String) -> Bool { HTTP2BodyQueueTests.accepts(count, &queue, of: client) }
  }
}
