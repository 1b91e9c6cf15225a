import NIOCore
import Testing

@testable import HTTPMessages

/// The frames of HTTP/2, without a socket.
@Suite struct HTTP2ConnectionStateTests {
  private static let date = ByteBuffer(string: "Date: now\r\n")

  private static func body(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 0x61, count: count) }

  /// A request whose slot is ready for its response.
  private static func asked(_ peer: HTTP2Peer, _ stream: UInt32 = 1) throws -> Int {
    peer.ask(stream)
    let slot = try #require(peer.events().compactMap(\.request).last)
    _ = peer.frames()
    return slot
  }

  @Test func saysWhatItTakesAndAcknowledges() throws {
    let peer = HTTP2Peer()
    #expect(peer.events().count == 1)
    let frames = peer.frames()
    #expect(frames.map(\.kind) == [.settings] && frames[0].flags == 1)
    peer.say(.ping, stream: 0, Array("12345678".utf8))
    #expect(peer.events().isEmpty)
    #expect(peer.frames() == [.init(kind: .ping, flags: 1, stream: 0, payload: Array("12345678".utf8))])
  }

  // MARK: Heads

  /// Larger than one frame, on a connection without settings.
  @Test func takesAHeadInSeveralFrames() throws {
    let peer = HTTP2Peer()
    let cookie = String(repeating: "a", count: 20_000)
    let block = peer.block([
      (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "web.test"), ("cookie", cookie),
    ])
    peer.say(.headers, flags: 1, stream: 1, Array(block[..<16_384]))
    #expect(peer.events().allSatisfy { $0.request == nil })
    peer.say(.continuation, flags: 4, stream: 1, Array(block[16_384...]))
    guard case .request(_, let head, true) = try #require(peer.events().first) else { Issue.record(); return }
    #expect(head.fields.value(of: .cookie) == cookie)
  }

  @Test func refusesAHeadThatIsTooLargeByItself() throws {
    let peer = HTTP2Peer()
    peer.ask(1, [("x", String(repeating: "a", count: 15_000)), ("y", "b")])
    peer.ask(3, [("x", String(repeating: "a", count: 16_000))])
    #expect(peer.events().compactMap(\.request).count == 2)
    var limits = MessageLimits()
    limits.headBytes = 10_000
    let narrow = HTTP2Peer(limits: limits)
    narrow.ask(1, [("x", String(repeating: "a", count: 15_000))])
    narrow.ask(3)
    let events = narrow.events()
    guard case .badRequest(_, .headTooLarge(10_000), nil, nil) = events[1], events[2].request != nil else {
      Issue.record("\(events)")
      return
    }
  }

  @Test func sendsALargeHeadInSeveralFrames() throws {
    let peer = HTTP2Peer()
    let slot = try Self.asked(peer)
    let fields = (0..<20).map { "X-\($0): \(String(repeating: "b", count: 1000))\r\n" }.joined()
    peer.state.send(try .of(fields), date: Self.date, on: slot, isWhole: true)
    let frames = peer.frames()
    #expect(frames.map(\.kind) == [.headers, .continuation] && frames.map(\.flags) == [1, 4])
    #expect(frames[0].payload.count == 16_384)
    let lines = try peer.lines(frames.flatMap(\.payload))
    #expect(lines.count == 22 && lines[21] == "x-19: \(String(repeating: "b", count: 1000))")
  }

  // MARK: Windows

  @Test func aBodyWaitsForItsWindow() throws {
    let peer = HTTP2Peer()
    peer.initialWindow(10)
    let slot = try Self.asked(peer)
    peer.state.send(try .of(), date: Self.date, on: slot, isWhole: false)
    peer.state.send(Self.body(25), on: slot)
    let isEnded = peer.end(slot)
    #expect(!isEnded)
    #expect(peer.state.waitingBytes(of: slot) == 15)
    #expect(peer.frames().map(\.payload.count).last == 10)
    peer.window(12, stream: 1)
    #expect(peer.events().count == 1)
    #expect(peer.advance().isEmpty)
    #expect(peer.frames() == [.init(kind: .data, flags: 0, stream: 1, payload: [UInt8](repeating: 0x61, count: 12))])
    peer.initialWindow(13)
    #expect(peer.events().count == 1)
    let progress = try #require(peer.advance().first)
    #expect(progress.slot == slot && progress.isEnded && peer.state.openStreams == 0)
    #expect(peer.frames().last == .init(kind: .data, flags: 1, stream: 1, payload: [UInt8](repeating: 0x61, count: 3)))
  }

  @Test func theLastWindowOfAFrameApplies() throws {
    let peer = HTTP2Peer()
    let slots = try [1, 3].map { try Self.asked(peer, $0) }
    peer.initialWindow(Array(0..<2729) + [10])
    #expect(peer.events().count == 1)
    for slot in slots + [try Self.asked(peer, 5)] {
      peer.state.send(try .of(), date: Self.date, on: slot, isWhole: false)
      peer.state.send(Self.body(25), on: slot)
      #expect(peer.state.waitingBytes(of: slot) == 15)
    }
  }

  /// RFC 9113 §6.5.3: the values are processed in order.
  @Test(arguments: [[Int(Int32.max), 10], [10, Int(Int32.max) + 1, 20]])
  func aWindowThatIsTooLargeIsAnErrorBeforeOthersToo(values: [Int]) throws {
    let peer = HTTP2Peer()
    _ = try Self.asked(peer)
    peer.window(1, stream: 1)
    peer.initialWindow(values)
    guard case .failed(.flowControlError) = try #require(peer.events().last) else { Issue.record(); return }
  }

  @Test func streamsTakeTurns() throws {
    let peer = HTTP2Peer()
    peer.initialWindow(1 << 20)
    let slots = try [Self.asked(peer, 1), Self.asked(peer, 3)]
    for slot in slots {
      peer.state.send(try .of(), date: Self.date, on: slot, isWhole: false)
      for _ in 0..<4 { peer.state.send(Self.body(20_000), on: slot) }
    }
    // The connection's window is 65 535 bytes.
    _ = peer.frames()
    peer.window(65_536, stream: 0)
    #expect(peer.events().count == 1)
    _ = peer.advance()
    #expect(Set(peer.frames().filter { $0.kind == .data }.map(\.stream)) == [1, 3])
  }

  @Test func piecesBecomeOneFrameThatEndsTheStream() throws {
    let peer = HTTP2Peer()
    let slot = try Self.asked(peer)
    peer.state.send(try .of(), date: Self.date, on: slot, isWhole: false)
    for _ in 0..<5 { peer.state.send(Self.body(1000), on: slot) }
    let isEnded = peer.end(slot)
    #expect(isEnded)
    let frames = peer.frames()
    #expect(frames.map(\.kind) == [.headers, .data] && frames[1].endsStream && frames[1].payload.count == 5000)
  }

  @Test func givesRoomAsTheBodyIsTaken() throws {
    let peer = HTTP2Peer()
    peer.ask(1, method: "POST", isWhole: false)
    let slot = try #require(peer.events().compactMap(\.request).first)
    _ = peer.frames()
    for _ in 0..<16 { peer.say(.data, stream: 1, [UInt8](repeating: 0, count: 16_384)) }
    #expect(peer.events().count == 16)
    // Nothing of it was consumed: only the connection's window is enlarged.
    #expect(peer.frames().allSatisfy { $0.kind == .windowUpdate && $0.stream == 0 })
    peer.state.consume(131_072, of: slot)
    #expect(peer.frames() == [.init(kind: .windowUpdate, flags: 0, stream: 1, payload: [0, 2, 0, 0])])
    for _ in 0..<9 { peer.say(.data, stream: 1, [UInt8](repeating: 0, count: 16_384)) }
    guard case .reset(slot, .flowControlError) = try #require(peer.events().last) else { Issue.record(); return }
  }

  // MARK: Ends

  @Test func aClientThatIsAnsweredBeforeItsEndIsToldToStop() throws {
    let peer = HTTP2Peer()
    peer.ask(1, method: "POST", isWhole: false)
    let slot = try #require(peer.events().compactMap(\.request).first)
    peer.state.send(try .of(), date: Self.date, on: slot, isWhole: true)
    // Clients have dropped a response that arrived together with the reset.
    #expect(peer.frames().map(\.kind).last == .headers)
    let frames = peer.frames()
    #expect(frames.map(\.kind) == [.reset] && frames.last?.errorCode == 0)
    // Frames that it still sends are not errors.
    peer.say(.data, stream: 1, [1, 2, 3])
    peer.say(.headers, flags: 5, stream: 1, peer.block([("x-sum", "1")]))
    peer.ask(3)
    #expect(peer.events().compactMap(\.request).count == 1)
  }

  @Test func saysTwiceWhichStreamsAreTheLast() throws {
    let peer = HTTP2Peer()
    let slot = try Self.asked(peer)
    peer.state.announceEnd()
    let farewell = peer.frames()
    #expect(farewell.map(\.kind) == [.goAway, .ping] && farewell[0].payload[0] == 0x7f)
    // Sent before the announcement arrived.
    peer.ask(3)
    peer.say(.ping, flags: 1, stream: 0, farewell[1].payload)
    peer.ask(5)
    let events = peer.events()
    #expect(events.count == 2 && events[0].request != nil && !peer.isFinished)
    #expect(peer.frames().last == .init(kind: .goAway, flags: 0, stream: 0, payload: [0, 0, 0, 3, 0, 0, 0, 0]))
    for slot in [slot, events[0].request ?? -1] {
      peer.state.send(try .of(), date: Self.date, on: slot, isWhole: true)
    }
    #expect(peer.isFinished)
  }

  // MARK: Floods

  private static func cancel(_ peer: HTTP2Peer, _ count: Int, from first: UInt32, every pause: TimeAmount) {
    for number in 0..<count {
      let stream = first + 2 * UInt32(number)
      peer.ask(stream)
      peer.say(.reset, stream: stream, [0, 0, 0, 8])
      _ = peer.events()
      peer.now = peer.now + pause
    }
  }

  /// A user scrolls through a gallery.
  @Test func requestsMayBeGivenUpAllTheTime() throws {
    let peer = HTTP2Peer()
    Self.cancel(peer, 3000, from: 1, every: .milliseconds(17))
    peer.ask(7001)
    #expect(peer.events().compactMap(\.request).count == 1)
    #expect(!peer.frames().contains { $0.kind == .goAway })
  }

  /// Requests in progress are completed; then the connection ends.
  @Test func aFloodOfThemEndsTheConnectionGently() throws {
    let peer = HTTP2Peer()
    let slot = try Self.asked(peer)
    Self.cancel(peer, 1001, from: 3, every: .zero)
    let farewells = peer.frames().filter { $0.kind == .goAway }
    #expect(farewells.count == 1 && farewells[0].errorCode == 0)
    peer.ask(5001)
    #expect(peer.events().isEmpty && !peer.isFinished)
    peer.state.send(try .of(), date: Self.date, on: slot, isWhole: true)
    #expect(peer.isFinished)
    // The attack continues.
    Self.cancel(peer, 2000, from: 5003, every: .zero)
    #expect(peer.hasFailed)
  }

  /// CVE-2025-8671: the server is made to reset streams.
  @Test func mistakesCountAsWell() throws {
    let peer = HTTP2Peer()
    for number in 0..<1001 {
      let stream = 1 + 2 * UInt32(number)
      peer.ask(stream)
      peer.window(0, stream: stream)
    }
    _ = peer.events()
    #expect(peer.frames().contains { $0.kind == .goAway })
  }

  @Test func tokensComeBackInTime() {
    var bucket = TokenBucket(capacity: 2, perSecond: 10)
    let start = NIODeadline.uptimeNanoseconds(1)
    #expect(
      [0, 0, 0, 99, 100, 150, 199, 200, 400, 400, 400].map { bucket.consume(at: start + .milliseconds($0)) }
        == [true, true, false, false, true, false, false, true, true, true, false])
  }
}
