import NIOCore
import Testing

@testable import ReverseProxy

@Suite(.timeLimit(.minutes(1))) struct HTTP2BodyQueueTests {
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
    var queue = HTTP2BodyQueue()
    for value in 0..<100 {
      var read = ByteBuffer(repeating: UInt8(value), count: 64 * 1024)
      queue.append(read.readSlice(length: size) ?? ByteBuffer(), waits: true)
    }
    queue.append(end: nil)
    let (bytes, capacity, isEnded) = drained(&queue)
    #expect(bytes == (0..<100).flatMap { [UInt8](repeating: $0, count: size) } && isEnded)
    #expect(capacity <= 2 * bytes.count + 16 * 1024)
  }

  @Test func whatIsTakenAtOnceIsNotCopied() {
    var queue = HTTP2BodyQueue()
    let bytes = ByteBuffer(repeating: 0, count: 10)
    queue.append(bytes, waits: false)
    guard case .bytes(let taken)? = queue.next() else { return #expect(Bool(false), "nothing came out") }
    bytes.withUnsafeReadableBytes { first in
      taken.withUnsafeReadableBytes { #expect($0.baseAddress == first.baseAddress) }
    }
    #expect(queue.isEmpty)
  }

  /// Bytes may arrive while those before them are being forwarded, and are never added to a piece that was taken.
  @Test func keepsTheOrderWhileItIsTakenFrom() {
    var (queue, bytes): (HTTP2BodyQueue, [UInt8]) = (HTTP2BodyQueue(), [])
    for value in 0..<200 {
      queue.append(ByteBuffer(bytes: [UInt8(value)]), waits: value % 3 > 0)
      if value % 2 == 1, case .bytes(let taken)? = queue.next() { bytes += taken.readableBytesView }
    }
    bytes += drained(&queue).bytes
    #expect(bytes == (0..<200).map { UInt8($0) })
  }
}
