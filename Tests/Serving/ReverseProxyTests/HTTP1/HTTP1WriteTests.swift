import HTTPMessages
import NIOCore
import NIOEmbedded
import Testing

@testable import ReverseProxy

/// The number of writes to a client connection: each is a TLS record.
@Suite struct HTTP1WriteTests {
  private let channel = EmbeddedChannel()
  private let peer = PausablePeer()
  private let client: ClientConnection

  init() throws {
    let configuration = ProxyConfiguration()
    let settings = ProxySettings(configuration, identity: ProxyIdentity())
    let worker = ProxyWorker(
      eventLoop: channel.embeddedEventLoop, services: try .forTest(configuration), settings: settings)
    client = ClientConnection(peer: worker.peer(of: channel, isSecure: true), worker: worker)
    try channel.pipeline.syncOperations.addHandlers([peer, client])
  }

  private func answer(_ pieces: [Int]) throws -> [ByteBuffer] {
    let head = try ResponseHead(
      ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: \(pieces.reduce(0, +))\r\n\r\n"), limits: MessageLimits())
    client.send(head, framing: head.framing(for: .get))
    for count in pieces { client.send(ByteBuffer(repeating: 0x61, count: count)) }
    client.flush()
    return try received()
  }

  private func received() throws -> [ByteBuffer] {
    var writes: [ByteBuffer] = []
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) { writes.append(bytes) }
    return writes
  }

  @Test func headAndBodyAreSentTogether() throws {
    let writes = try answer([1024])
    #expect(writes.count == 1)
    #expect(
      writes.first.map { String(buffer: $0) }?.hasSuffix("\r\n\r\n" + String(repeating: "a", count: 1024)) == true)
  }

  @Test func manySmallPiecesAreSentTogether() throws {
    let writes = try answer(Array(repeating: 100, count: 50))
    #expect(writes.count == 1 && writes.reduce(0) { $0 + $1.readableBytes } > 5000)
  }

  /// Large pieces are not copied, and the order is kept.
  @Test func largePiecesAreSentAsTheyAre() throws {
    let writes = try answer([10, 20_000, 30, 20_000])
    #expect(writes.map(\.readableBytes).filter { $0 == 20_000 }.count == 2)
    #expect(writes.count == 4)
    #expect(String(buffer: writes[0]).hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(writes.reduce(0) { $0 + $1.readableBytes } > 40_040)
  }

  /// The client does not read: its waiting output has no spare capacity.
  @Test func queuedOutputUsesNoSpareCapacity() throws {
    channel.write(ByteBuffer(repeating: 0x62, count: 10), promise: nil)
    let writes = try answer([64])
    #expect(writes.count == 2 && writes[1].readableBytes > 64 && writes[1].capacity < 1024)
    #expect(client.output.capacity == 0)
  }

  /// Answers with events, each flushed by itself; returns all events.
  private func answerEvents(_ count: Int) throws -> String {
    let head = try ResponseHead(
      ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"), limits: MessageLimits())
    client.send(head, framing: head.framing(for: .get))
    let events = (0..<count).map { "event \($0)" + String(repeating: ".", count: 100) }
    for event in events {
      client.send(ByteBuffer(string: event))
      client.flush()
    }
    return events.joined()
  }

  @Test func aClientThatReadsGetsEachEventAtOnce() throws {
    _ = try answerEvents(100)
    #expect(try received().count == 100)
    #expect(peer.promises == 0)
  }

  @Test func eventsForAClientThatDoesNotReadAreCollected() throws {
    peer.isReading = false
    let events = try answerEvents(1000)
    #expect(peer.unread.count <= 16, "each is a TLS record with a buffer of its own")
    peer.isReading = true
    let isWhole = try received().map { String(buffer: $0) }.joined().hasSuffix("\r\n\r\n" + events)
    #expect(isWhole)
    #expect(client.output.capacity == 0)
  }

  /// They do not wait, so that the channel counts them.
  @Test func largePiecesFollowWhatIsCollected() throws {
    peer.isReading = false
    let events = try answerEvents(20)
    client.send(ByteBuffer(string: "small"))
    client.send(ByteBuffer(repeating: UInt8(ascii: "L"), count: 20_000))
    client.flush()
    let text = peer.unread.map { String(buffer: $0) }.joined()
    #expect(text.hasSuffix(events + "small" + String(repeating: "L", count: 20_000)))
    #expect(peer.unread.last?.readableBytes == 20_000)
  }

  @Test(arguments: [false, true]) func nothingIsLeftAtTheEnd(isAborted: Bool) throws {
    peer.isReading = false
    let events = try answerEvents(20)
    if isAborted { client.abort() } else { client.linger() }
    #expect(peer.unread.map { String(buffer: $0) }.joined().hasSuffix(events))
  }

  @Test func buffersThatStillWaitOrAreLargeAreNotReused() {
    let flusher = TickFlusher(eventLoop: channel.embeddedEventLoop)
    var buffer = flusher.emptyBuffer()
    buffer.writeRepeatingByte(0x61, count: 20_000)
    flusher.recycle(buffer)
    withExtendedLifetime(buffer) { #expect(flusher.emptyBuffer().capacity == 4096) }
    flusher.recycle(ByteBuffer(repeating: 0x61, count: 20_000))
    #expect(flusher.emptyBuffer().capacity > 20_000)
    flusher.recycle(ByteBuffer(repeating: 0x61, count: 40_000))
    #expect(flusher.emptyBuffer().capacity == 4096)
  }

  @Test func anIdleConnectionHoldsNoBuffer() throws {
    _ = try answer([1024])
    #expect(client.output.capacity == 0)
  }
}
