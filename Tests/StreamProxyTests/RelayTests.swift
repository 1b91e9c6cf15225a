import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import StreamProxy

@Suite struct RelayTests {
  @Test func passesBytesBothWays() async throws {
    let lab = try await Lab()
    try await lab.client.send("ping")
    try await lab.server.wait(for: "ping")
    try await lab.server.send("pong")
    try await lab.client.wait(for: "pong")
    try await lab.client.close()
    try await lab.server.waitForEnd()
    try await lab.server.close()
    #expect(try await lab.counts() == .init(fromA: 4, fromB: 4))
  }

  @Test func keepsTheOtherDirectionWhenTheClientHasEnded() async throws {
    let lab = try await Lab()
    try await lab.client.send("request")
    try await lab.client.finish()
    try await lab.server.waitForEnd()
    #expect(lab.server.text == "request" && !lab.server.isClosed)
    try await lab.server.send("answer")
    try await lab.client.wait(for: "answer")
    #expect(!lab.client.sawEnd)
    try await lab.server.finish()
    try await lab.client.waitForEnd()
    #expect(try await lab.counts() == .init(fromA: 7, fromB: 6))
  }

  @Test func keepsTheOtherDirectionWhenTheServerHasEnded() async throws {
    let lab = try await Lab()
    try await lab.server.send("greeting")
    try await lab.server.finish()
    try await lab.client.waitForEnd()
    try await lab.client.send("farewell")
    try await lab.server.wait(for: "farewell")
    try await lab.client.finish()
    #expect(try await lab.counts() == .init(fromA: 8, fromB: 8))
  }

  /// The end of one side must not overtake, or drop, what the other one has not read yet.
  @Test(arguments: [false, true])
  func passesTheEndBehindTheLastByte(othersFirst: Bool) async throws {
    let lab = try await Lab(serverReads: false)
    if othersFirst {
      try await lab.server.finish()
      try await lab.client.waitForEnd()
    }
    lab.client.begin(sending: 30_000_000)
    async let finished: Void = lab.client.finish()
    try await eventually("the relay holds bytes back") { await lab.bufferedBytes > 0 ? () : nil }
    try await lab.server.readOn()
    try await lab.server.waitForEnd()
    try await finished
    #expect(lab.server.count == 30_000_000)
    if !othersFirst { try await lab.server.finish() }
    #expect(try await lab.counts().fromA == 30_000_000)
  }

  /// 100 MB to somebody who does not read: the relay stops reading, and what it holds stays small.
  @Test func aSlowReaderCostsBoundedMemory() async throws {
    let lab = try await Lab(serverReads: false)
    lab.client.begin(sending: 100_000_000)
    var (last, same) = (-1, 0)
    try await eventually("the relay stops reading") {
      let received = await lab.received
      same = received == last && received > 0 ? same + 1 : 0
      last = received
      return same >= 10 ? () : nil
    }
    #expect(await lab.bufferedBytes < 1_000_000)
    #expect(last < 50_000_000)
    try await lab.server.readOn()
    try await eventually("all arrives") { lab.server.count == 100_000_000 ? () : nil }
  }

  @Test(arguments: [true, false])
  func endsBothWhenOneIsReset(isClient: Bool) async throws {
    let lab = try await Lab()
    let (one, other) = isClient ? (lab.client, lab.server) : (lab.server, lab.client)
    try await one.reset()
    try await other.waitForEnd()
    try await eventually("both are closed") { try await lab.counts() == .init() ? () : nil }
  }

  @Test func closesBothAfterSilence() async throws {
    let lab = try await Lab(idle: .milliseconds(200))
    try await lab.client.waitForEnd()
    try await lab.server.waitForEnd()
    #expect(try await lab.counts() == .init())
  }

  @Test func tellsOfAnEndBeforeTheJoin() async throws {
    let lab = try await Lab(clientEndsFirst: true)
    try await lab.server.waitForEnd()
    try await lab.server.send("still")
    try await lab.client.wait(for: "still")
  }

  @Test func refusesChannelsOfDifferentLoops() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let (first, second) = (EmbeddedPair(group.next()), EmbeddedPair(group.next()))
    let (a, b) = try await (first.channel(), second.channel())
    await #expect(throws: Relay.Failure.differentEventLoops) {
      try await a.eventLoop.submit { try Relay.join(a, b, idle: .seconds(60)) }.get()
    }
    try await a.close()
    try await b.close()
    try await group.shutdownGracefully()
  }
}

private struct EmbeddedPair {
  private let loop: any EventLoop
  init(_ loop: any EventLoop) { self.loop = loop }

  func channel() async throws -> any Channel {
    try await DatagramBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()
  }
}

/// A client and a server, and between them a relay of two sockets.
private final class Lab: Sendable {
  let client: TestPeer
  let server: TestPeer
  private let front: any Channel
  private let back: any Channel
  private let result: Result

  private final class Result: Sendable {
    let counts = Mutex<Relay.Counts?>(nil)
  }

  init(idle: TimeAmount = .seconds(3600), serverReads: Bool = true, clientEndsFirst: Bool = false) async throws {
    let upstream = try await TestPeer.Listener(reads: serverReads)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let accepted = Accepted()
    let listener = try await ServerBootstrap(group: loop)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        accepted.channel.withLock { $0 = channel }
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .bind(host: "127.0.0.1", port: 0).get()
    client = try await TestPeer.connect(port: listener.localAddress?.port ?? 0)
    let front = try await eventually("the relay accepts") {
      accepted.channel.withLock { $0.flatMap { $0.isActive ? $0 : nil } }
    }
    let back = try await ClientBootstrap(group: loop).channelOption(.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: upstream.port).get()
    server = try await upstream.accept()
    if clientEndsFirst { try await client.finish() }
    let result = Result()
    try await loop.submit {
      try Relay.join(front, back, ended: (clientEndsFirst, false), idle: idle) { counts in
        result.counts.withLock { $0 = counts }
      }
    }.get()
    (self.front, self.back, self.result) = (front, back, result)
    try await listener.close()
    try await upstream.stop()
  }

  private final class Accepted: Sendable {
    let channel = Mutex<(any Channel)?>(nil)
  }

  /// What the relay told at its end.
  func counts() async throws -> Relay.Counts {
    try await eventually("the relay ends") { result.counts.withLock { $0 } }
  }

  /// What the relay holds for the server.
  var bufferedBytes: Int {
    get async { (try? await back.getOption(.bufferedWritableBytes).get()) ?? 0 }
  }

  /// What the relay has read from the client.
  var received: Int {
    get async {
      let front = front
      let count = try? await front.eventLoop.submit {
        try front.pipeline.syncOperations.handler(type: RelayHandler.self).received
      }.get()
      return Int(count ?? 0)
    }
  }
}
