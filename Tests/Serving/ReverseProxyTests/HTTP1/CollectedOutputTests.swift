import NIOCore
import NIOEmbedded
import ServerSockets
import Testing

@Suite struct CollectedOutputTests {
  /// Gives the output its channel context.
  private final class Owner: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let output = CollectedOutput()

    func handlerAdded(context: ChannelHandlerContext) { output.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { output.context = nil }
  }

  private let channel = EmbeddedChannel()
  private let peer = PausablePeer()
  private let output: CollectedOutput

  init() throws {
    let owner = Owner()
    output = owner.output
    try channel.pipeline.syncOperations.addHandlers([peer, owner])
  }

  private func received() throws -> [ByteBuffer] {
    var pieces: [ByteBuffer] = []
    while let piece = try channel.readOutbound(as: ByteBuffer.self) { pieces.append(piece) }
    return pieces
  }

  @Test func aPeerThatReadsGetsEachFlushAtOnce() throws {
    for value in UInt8(0)..<100 {
      output.collect(ByteBuffer(bytes: [value]))
      output.collect(ByteBuffer(bytes: [value]))
      output.flush()
      #expect(try received() == [ByteBuffer(bytes: [value, value])])
    }
    #expect(peer.promises == 0)
  }

  /// Each byte is a slice of a buffer of 32 KiB, as from TLS.
  @Test func smallPiecesShareABufferWhileThePeerDoesNotRead() throws {
    peer.isReading = false
    let sent = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for value in sent {
      var read = ByteBufferAllocator().buffer(capacity: 32 * 1024)
      read.writeInteger(value)
      output.collect(read)
      output.flush()
    }
    #expect(peer.unread.count <= 16 && peer.unreadCapacity <= 512 * 1024, "\(peer.unread.count)")
    peer.isReading = true
    let isWhole = try received().flatMap { Array($0.readableBytesView) } == sent
    #expect(isWhole)
  }

  /// No flush follows.
  @Test func whatWaitedIsSentOnceThePeerHasReadTheRest() throws {
    channel.write(ByteBuffer(string: "earlier "), promise: nil)
    peer.isReading = false
    for text in ["a", "b", "c"] {
      output.collect(ByteBuffer(string: text))
      output.flush()
    }
    #expect(peer.unread.count == 2)
    peer.isReading = true
    #expect(try received().map { String(buffer: $0) } == ["earlier ", "a", "bc"])
  }

  @Test func nothingWaitsAtTheEnd() throws {
    channel.write(ByteBuffer(string: "earlier "), promise: nil)
    peer.isReading = false
    for text in ["a", "b"] {
      output.collect(ByteBuffer(string: text))
      output.flush()
    }
    output.send()
    #expect(peer.unread.map { String(buffer: $0) } == ["earlier ", "a", "b"])
  }

  /// They do not wait, so that the channel counts them.
  @Test func largePiecesAreWrittenAsTheyAreAndInOrder() throws {
    let large = ByteBuffer(repeating: UInt8(ascii: "L"), count: 20_000)
    channel.write(ByteBuffer(string: "earlier "), promise: nil)
    peer.isReading = false
    output.collect(ByteBuffer(string: "a"))
    output.flush()
    output.collect(ByteBuffer(string: "b"))
    output.write(NIOAny(large))
    output.collect(ByteBuffer(string: "c"))
    output.flush()
    let expected = ["earlier ", "a", "b", String(buffer: large), "c"]
    #expect(peer.unread.map { String(buffer: $0) } == expected)
    peer.isReading = true
    #expect(try received().map { String(buffer: $0) } == expected)
  }
}
