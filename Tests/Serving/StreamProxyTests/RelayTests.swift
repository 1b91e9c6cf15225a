import LinuxSystem
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import StreamProxy

@Suite(.timeLimit(.minutes(5))) struct RelayTests {
  @Test(arguments: Kind.allCases) func passesBytesBothWays(_ kind: Kind) async throws {
    let lab = try await Lab(kind)
    try await lab.client.send("ping")
    try await lab.server.wait(for: "ping")
    try await lab.server.send("pong")
    try await lab.client.wait(for: "pong")
    try await lab.client.close()
    try await lab.server.waitForEnd()
    try await lab.server.close()
    #expect(try await lab.counts() == [4, 4])
  }

  @Test(arguments: Kind.allCases) func keepsTheOtherDirectionWhenTheClientHasEnded(_ kind: Kind) async throws {
    let lab = try await Lab(kind)
    try await lab.client.send("request")
    try await lab.client.finish()
    try await lab.server.waitForEnd()
    #expect(lab.server.text == "request" && !lab.server.isClosed)
    try await lab.server.send("answer")
    try await lab.client.wait(for: "answer")
    #expect(!lab.client.sawEnd)
    try await lab.server.finish()
    try await lab.client.waitForEnd()
    #expect(try await lab.counts() == [7, 6])
  }

  @Test(arguments: Kind.allCases) func keepsTheOtherDirectionWhenTheServerHasEnded(_ kind: Kind) async throws {
    let lab = try await Lab(kind)
    try await lab.server.send("greeting")
    try await lab.server.finish()
    try await lab.client.waitForEnd()
    try await lab.client.send("farewell")
    try await lab.server.wait(for: "farewell")
    try await lab.client.finish()
    #expect(try await lab.counts() == [8, 8])
  }

  /// The end of one side must neither overtake nor drop unread bytes for the other one.
  @Test(arguments: Kind.allCases, [false, true])
  func passesTheEndBehindTheLastByte(_ kind: Kind, othersFirst: Bool) async throws {
    let lab = try await Lab(kind, serverReads: false)
    if othersFirst {
      try await lab.server.finish()
      try await lab.client.waitForEnd()
    }
    lab.client.begin(sending: 30_000_000)
    async let finished: Void = lab.client.finish()
    try await lab.waitForStandstill()
    try await lab.server.readOn()
    try await lab.server.waitForEnd()
    try await finished
    #expect(lab.server.count == 30_000_000)
    if !othersFirst { try await lab.server.finish() }
    #expect(try await lab.counts()[0] == 30_000_000)
  }

  @Test func passesTheEndBehindBytesOfTheSameRead() async throws {
    let lab = try await Lab(.channels)
    try await lab.end(with: "last")
    try await lab.server.waitForEnd()
    #expect(lab.server.text == "last")
  }

  /// 100 MB to a peer that does not read: the relay stops reading, and its buffers stay small.
  @Test(arguments: Kind.allCases) func aSlowReaderCostsBoundedMemory(_ kind: Kind) async throws {
    let lab = try await Lab(kind, serverReads: false)
    lab.client.begin(sending: 100_000_000)
    try await lab.waitForStandstill()
    #expect(await lab.bufferedBytes < 1_000_000)
    #expect(lab.received < 50_000_000)
    try await lab.server.readOn()
    try await eventually("all arrives") { lab.server.count == 100_000_000 ? () : nil }
  }

  /// Each byte is read by itself, from TLS as a slice of 32 KiB. They share a buffer, and arrive in order.
  @Test(arguments: [false, true]) func singleBytesForASlowReaderShareABuffer(isSecure: Bool) async throws {
    let lab = try await Lab(.channels, serverReads: false, certificate: isSecure ? try TestCertificate() : nil)
    // Enough for the sockets' buffers, and too little for the relay to stop reading.
    while await lab.bufferedBytes < 32 * 1024 { try await lab.pass(String(repeating: "-", count: 8192)) }
    let before = lab.writes.total
    for number in 0..<2000 { try await lab.pass("\(number % 10)") }
    let (count, capacity) = (lab.writes.total.count - before.count, lab.writes.total.capacity - before.capacity)
    #expect(count < 500 && capacity < 4 << 20, "\(count) writes, \(capacity) bytes of memory")
    try await lab.server.readOn()
    try await eventually("all arrives") { lab.server.count == lab.received ? () : nil }
    #expect(lab.server.text.hasSuffix("-" + String(repeating: "0123456789", count: 200)))
  }

  @Test(arguments: Kind.allCases, [true, false])
  func endsBothWhenOneIsReset(_ kind: Kind, isClient: Bool) async throws {
    let lab = try await Lab(kind)
    let (one, other) = isClient ? (lab.client, lab.server) : (lab.server, lab.client)
    try await one.reset()
    try await other.waitForEnd()
    try await eventually("both are closed") { try await lab.counts() == [0, 0] ? () : nil }
  }

  /// No read reports the reset, because the input had already ended.
  @Test(arguments: Kind.allCases, [true, false])
  func endsBothWhenOneIsResetBehindItsEnd(_ kind: Kind, isClient: Bool) async throws {
    let lab = try await Lab(kind)
    let (one, other) = isClient ? (lab.client, lab.server) : (lab.server, lab.client)
    try await one.finish()
    try await other.waitForEnd()
    try await one.reset()
    #expect(try await lab.counts() == [0, 0])
  }

  /// Reading stops at urgent data, although more follows (tcp(7)).
  @Test(arguments: Kind.allCases) func goesOnBehindUrgentData(_ kind: Kind) async throws {
    let lab = try await Lab(kind, firstWords: "hello, ", thenUrgent: "abc", "def")
    try await lab.server.wait(for: "hello, abcdef")
  }

  @Test(arguments: Kind.allCases) func closesBothAfterSilence(_ kind: Kind) async throws {
    let lab = try await Lab(kind, idle: .milliseconds(200))
    try await lab.client.waitForEnd()
    try await lab.server.waitForEnd()
    #expect(try await lab.counts() == [0, 0])
  }

  @Test(arguments: Kind.allCases) func reportsAnEndBeforeTheJoin(_ kind: Kind) async throws {
    let lab = try await Lab(kind, clientEndsFirst: true)
    try await lab.server.waitForEnd()
    try await lab.server.send("still")
    try await lab.client.wait(for: "still")
  }

  /// Bytes received before the other side was connected are sent first, after the relay's own header.
  @Test(arguments: Kind.allCases) func beginsWithWhatWasKept(_ kind: Kind) async throws {
    let lab = try await Lab(kind, header: "PROXY\r\n", firstWords: "hello")
    try await lab.server.wait(for: "PROXY\r\nhello")
    try await lab.client.send(" again")
    try await lab.server.wait(for: "PROXY\r\nhello again")
    try await lab.client.close()
    try await lab.server.close()
    #expect(try await lab.counts() == [11, 0])
  }

  /// If a peer answers early and is gone, its answer arrives, although the client's remaining bytes do not.
  @Test(arguments: Kind.allCases) func passesTheLastBytesOfAClosedSide(_ kind: Kind) async throws {
    let lab = try await Lab(kind, serverReads: false)
    try await lab.server.send("too much")
    try await lab.server.close()
    lab.client.begin(sending: 1_000_000)
    try await lab.client.waitForEnd()
    #expect(lab.client.text == "too much")
    // It may already be closed by a reset.
    try? await lab.client.close()
    #expect(try await lab.counts()[1] == 8)
  }

  @Test func theShutdownEndsWhatIsStillRelayed() async throws {
    let lab = try await Lab(.sockets)
    await lab.shutdown()
    #expect(try await lab.counts() == [0, 0])
    try await lab.client.waitForEnd()
    try await lab.server.waitForEnd()
  }
}

enum Kind: CaseIterable { case channels, sockets }

/// A client and a server with a relay of two sockets between them.
private final class Lab: Sendable {
  let client: TestPeer
  let server: TestPeer
  private let front: any Channel
  private let back: any Channel
  let writes = WriteCounter()
  private let bytes: (front: ByteCount, back: ByteCount)
  private let loops: RelayLoops
  private let hasEnded: Flag

  private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }

  init(
    _ kind: Kind, idle: Duration = .seconds(3600), serverReads: Bool = true, clientEndsFirst: Bool = false,
    header: String = "", firstWords: String = "", thenUrgent urgent: String..., certificate: TestCertificate? = nil
  ) async throws {
    let tls = try certificate.map { try $0.contexts() }
    let upstream = try await TestPeer.Listener(reads: serverReads)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let accepted = Mutex<[any Channel]>([])
    let listener = try await ServerBootstrap(group: loop)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        accepted.withLock { $0.append(channel) }
        return channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.server)) }
          try channel.pipeline.syncOperations.addHandler(RelayHandler())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    var clientTLS: (@Sendable () throws -> any ChannelHandler)?
    if let tls { clientTLS = { try NIOSSLClientHandler(context: tls.client, serverHostname: "localhost") } }
    client = try await TestPeer.connect(port: listener.localAddress?.port ?? 0, tls: clientTLS)
    // Other tests' clients may connect too, to a port that was free when they chose it: only this one's counts.
    front = try await eventually("the relay accepts") { [client] in
      accepted.withLock { $0.first { $0.isActive && $0.remoteAddress == client.channel.localAddress } }
    }
    back = try await ClientBootstrap(group: loop)
      .connectTimeout(.seconds(120))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { [writes] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([writes, RelayHandler()] as [any ChannelHandler])
        }
      }
      .connect(host: "127.0.0.1", port: upstream.port).get()
    server = try await upstream.accept(from: back.localAddress)
    bytes = try await (front.relayed(), back.relayed())
    if !firstWords.isEmpty {
      try await client.send(firstWords)
      try await eventually("the first words are kept") { [bytes] in bytes.front.total > 0 ? () : nil }
    }
    for (index, words) in urgent.enumerated() {
      if index > 0 { try await client.sendUrgent(0x21) }
      try await client.send(words)
    }
    if clientEndsFirst { try await client.finish() }
    (loops, hasEnded) = (RelayLoops(threads: 1), Flag())
    try await join(kind, idle, ByteBuffer(string: header))
    try await listener.close()
    try await upstream.stop()
  }

  private func join(_ kind: Kind, _ idle: Duration, _ header: ByteBuffer) async throws {
    let (front, back, loops, hasEnded) = (front, back, loops, hasEnded)
    try await front.eventLoop.submit {
      let a = try front.pipeline.syncOperations.handler(type: RelayHandler.self)
      let b = try back.pipeline.syncOperations.handler(type: RelayHandler.self)
      switch kind {
      case .channels:
        if header.readableBytes > 0 { back.writeAndFlush(header, promise: nil) }
        ChannelRelay.join(a, b, on: front.eventLoop, idle: TimeAmount(idle), silent: SilentConnections()) {
          hasEnded.set()
        }
      case .sockets:
        let sockets = try #require(
          SocketPair(front: (front, a), back: (back, b), header: header, idle: idle) { hasEnded.set() })
        #expect(try #require(loops.next()).post(.start(sockets)))
      }
    }.get()
  }

  /// The final byte counts of the relay, from the client and from the server.
  func counts() async throws -> [UInt64] {
    try await eventually("the relay ends") { hasEnded.isSet ? [bytes.front.total, bytes.back.total] : nil }
  }

  /// The bytes that a channel buffers for the server; sockets buffer at most one buffer.
  var bufferedBytes: Int {
    get async { (try? await back.getOption(.bufferedWritableBytes).get()) ?? 0 }
  }

  /// The number of bytes that the relay has read from the client.
  var received: Int { Int(bytes.front.total) }

  /// Sends from the client, and waits until the relay has read it.
  func pass(_ text: String) async throws {
    let all = received + text.utf8.count
    try await client.send(text)
    try await eventually(every: .zero, "the relay reads") { received == all ? () : nil }
  }

  /// The last bytes of the client and its end, in one read.
  func end(with text: String) async throws {
    try await front.eventLoop.submit { [front] in
      front.pipeline.syncOperations.fireChannelRead(NIOAny(ByteBuffer(string: text)))
      front.pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }.get()
  }

  /// Waits until the relay stops reading, because the server does not accept more.
  func waitForStandstill() async throws {
    var (last, same) = (-1, 0)
    try await eventually("the relay stops reading") {
      let received = received
      same = received == last && received > 0 ? same + 1 : 0
      last = received
      return same >= 10 ? () : nil
    }
  }

  func shutdown() async { await loops.shutdown() }
}

/// The writes to a channel, and the memory of their buffers.
private final class WriteCounter: ChannelOutboundHandler, Sendable {
  typealias OutboundIn = ByteBuffer

  private let state = Mutex((count: 0, capacity: 0))

  var total: (count: Int, capacity: Int) { state.withLock { $0 } }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let capacity = unwrapOutboundIn(data).storageCapacity
    state.withLock { $0 = ($0.count + 1, $0.capacity + capacity) }
    context.write(data, promise: promise)
  }
}

extension TestCertificate {
  fileprivate func contexts() throws -> (server: NIOSSLContext, client: NIOSSLContext) {
    let server = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(chainFile).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
    var client = TLSConfiguration.makeClientConfiguration()
    client.trustRoots = .file(certificateFile)
    return (try NIOSSLContext(configuration: server), try NIOSSLContext(configuration: client))
  }
}

extension Channel {
  fileprivate func relayed() async throws -> ByteCount {
    try await eventLoop.submit { try self.pipeline.syncOperations.handler(type: RelayHandler.self).received }.get()
  }
}
