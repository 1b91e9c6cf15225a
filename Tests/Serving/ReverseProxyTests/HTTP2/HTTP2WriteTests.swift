import HTTPMessages
import NIOCore
import NIOEmbedded
import Testing

@testable import ReverseProxy

/// The number of writes to a client connection: each is a TLS record and a system call.
@Suite struct HTTP2WriteTests {
  /// Gives the transport its channel context.
  private final class Sender: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let transport: HTTP2Transport

    init(_ transport: HTTP2Transport) { self.transport = transport }

    func handlerAdded(context: ChannelHandlerContext) { transport.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { transport.context = nil }
  }

  private let channel = EmbeddedChannel()
  private let peer = PausablePeer()
  private let transport: HTTP2Transport

  init() throws {
    let state = HTTP2ConnectionState(.server, isSecure: true, bounds: HTTP2Bounds(client: MessageLimits()))
    transport = HTTP2Transport(state, flusher: TickFlusher(eventLoop: channel.embeddedEventLoop))
    try channel.pipeline.syncOperations.addHandlers([peer, Sender(transport)])
    transport.sendOutput()
    _ = try channel.readOutbound(as: ByteBuffer.self)
  }

  /// Slots of received requests, from a client with large windows.
  private func requests(_ count: Int) -> [Int] {
    var input = ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    // The windows of each stream and of the connection.
    input.writeBytes([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0x7f, 0, 0, 0, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7e, 0, 0, 0])
    for number in 0..<count {
      input.writeBytes([0, 0, 7, 1, 5])
      input.writeInteger(UInt32(1 + 2 * number))
      input.writeBytes([0x82, 0x87, 0x84, 0x01, 2] + Array("ab".utf8))
    }
    var slots: [Int] = []
    while let event = transport.state.receive(from: &input, at: .now()) {
      if case .request(let slot, _, _) = event { slots.append(slot) }
    }
    return slots
  }

  private func answer(_ slot: Int, pieces: [Int]) throws {
    let head = try ResponseHead(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), limits: MessageLimits())
    transport.prepareOutput()
    transport.state.send(head, date: ByteBuffer(string: "Date: now\r\n"), on: slot, isWhole: false)
    transport.outputChanged()
    for count in pieces { transport.send(ByteBuffer(repeating: 0x61, count: count), on: slot) }
    let isEnded = transport.end(slot, trailers: nil)
    #expect(isEnded)
    transport.outputChanged()
  }

  private func writes() throws -> (count: Int, bytes: Int) {
    channel.embeddedEventLoop.run()
    var writes = (count: 0, bytes: 0)
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
      writes = (writes.count + 1, writes.bytes + bytes.readableBytes)
    }
    return writes
  }

  @Test func aHundredSmallResponsesOfOneTurnAreSentTogether() throws {
    let slots = requests(100)
    #expect(slots.count == 100)
    for slot in slots { try answer(slot, pieces: [1024]) }
    let sent = try writes()
    #expect(sent.bytes > 100 * 1024 && sent.count * 10 <= slots.count, "\(sent)")
    #expect(transport.state.openStreams == 0)
  }

  /// The response of an upstream is read in several ticks, one piece after the other.
  @Test func aLargeResponseIsSentInFewWrites() throws {
    let slots = requests(10)
    var sent = (count: 0, bytes: 0)
    for slot in slots {
      try answer(slot, pieces: [16_000, 16_384, 16_384, 2_432])
      let some = try writes()
      sent = (sent.count + some.count, sent.bytes + some.bytes)
    }
    #expect(sent.bytes > 10 * 51_200 && Double(sent.count) <= 1.5 * Double(slots.count), "\(sent)")
  }

  /// A small piece in each tick.
  private func answerSlowly(_ pieces: Int) throws {
    let slot = try #require(requests(1).first)
    for _ in 0..<pieces {
      transport.send(ByteBuffer(repeating: 0x61, count: 10), on: slot)
      channel.embeddedEventLoop.run()
    }
  }

  @Test func aPeerThatReadsGetsTheOutputOfEachTick() throws {
    try answerSlowly(100)
    #expect(try writes().count == 100)
    #expect(peer.promises == 0)
  }

  @Test func smallOutputForAPeerThatDoesNotReadIsCollected() throws {
    peer.isReading = false
    try answerSlowly(2000)
    #expect(peer.unread.count <= 16, "each is a TLS record with a buffer of its own")
    #expect(transport.unreadBytes >= 2000 * 10)
    peer.isReading = true
    #expect(try writes().bytes >= 2000 * 10 && transport.unreadBytes == 0)
  }

  @Test func nothingIsLeftBeforeTheEnd() throws {
    peer.isReading = false
    try answerSlowly(20)
    transport.sendOutput()
    #expect(peer.unread.reduce(0) { $0 + $1.readableBytes } >= 20 * 10)
  }

  /// An idle connection holds no buffer.
  @Test func outputBuffersAreRecycled() throws {
    for slot in requests(1) { try answer(slot, pieces: [50_000]) }
    let sent = try writes()
    #expect(sent.bytes > 50_000)
    #expect(transport.state.output.capacity == 0)
  }
}
