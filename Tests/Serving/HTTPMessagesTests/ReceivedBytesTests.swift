import NIOCore
import Testing

@testable import HTTPMessages

/// What a peer makes the agent hold, however its bytes are split.
@Suite(.timeLimit(.minutes(5))) struct ReceivedBytesTests {
  /// Each read ends inside a frame, so that something is always left.
  @Test(arguments: [false, true])
  func theBufferIsBoundedByWhatIsNotParsed(isSliceKept: Bool) {
    var (input, kept) = (ByteBuffer(), ByteBuffer())
    var next = UInt8(0)
    for round in 0..<2000 {
      input.appendReceived(ByteBuffer(bytes: (0..<1000).map { UInt8(truncatingIfNeeded: round + $0) }))
      while input.readableBytes > 100 {
        let slice = input.readSlice(length: 100)
        if isSliceKept, let slice { kept = slice }
      }
      next &+= 1
    }
    #expect(input.storageCapacity <= 16 * 1024 && next != 0)
    #expect(input.readableBytes == 100 && kept.readableBytes == (isSliceKept ? 100 : 0))
    #expect(input.readableBytesView.last == UInt8(truncatingIfNeeded: 1999 + 999))
  }

  @Test func nothingIsLostOrReordered() {
    var input = ByteBuffer()
    var read: [UInt8] = []
    for start in stride(from: 0, to: 200, by: 7) {
      input.appendReceived(ByteBuffer(bytes: (start..<start + 7).map { UInt8($0) }))
      read += input.readBytes(length: 5) ?? []
    }
    read += input.readBytes(length: input.readableBytes) ?? []
    #expect(read == (0..<203).map { UInt8($0) })
  }

  /// A byte of each of many large reads.
  @Test func aSmallPieceThatWaitsIsCopied() {
    var queue = ByteQueue()
    for value in 0..<10_000 {
      var read = ByteBuffer(repeating: UInt8(truncatingIfNeeded: value), count: 16 * 1024)
      queue.append(read.readSlice(length: 1) ?? ByteBuffer())
    }
    var (bytes, capacity): ([UInt8], Int) = ([], 0)
    while !queue.isEmpty {
      queue.withFirst {
        capacity += $0.storageCapacity
        bytes += $0.readBytes(length: $0.readableBytes) ?? []
      }
    }
    #expect(bytes == (0..<10_000).map { UInt8(truncatingIfNeeded: $0) } && capacity <= 32 * 1024)
  }

  /// The queue is never empty, and its first piece is partly read.
  @Test func aQueueThatIsReadAndFilledDoesNotGrow() {
    var (queue, bytes): (ByteQueue, [UInt8]) = (ByteQueue(), [])
    queue.append(ByteBuffer(bytes: [0, 1]))
    for value in 2..<20_000 {
      queue.append(ByteBuffer(bytes: [UInt8(truncatingIfNeeded: value)]))
      queue.withFirst {
        #expect($0.storageCapacity <= 16 * 1024)
        bytes += $0.readBytes(length: 1) ?? []
      }
    }
    #expect(queue.count == 2 && bytes == (0..<19_998).map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test func aLargePieceIsNotCopied() {
    var queue = ByteQueue()
    let piece = ByteBuffer(repeating: 0, count: 5000)
    queue.append(piece)
    queue.append(ByteBuffer(bytes: [1]))
    var counts: [Int] = []
    while !queue.isEmpty { queue.withFirst { counts.append($0.readBytes(length: $0.readableBytes)?.count ?? 0) } }
    #expect(counts == [5000, 1])
  }
}
