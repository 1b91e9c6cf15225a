import NIOCore
import NIOEmbedded
import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

/// The time limit for the head of a request.
@Suite(.timeLimit(.minutes(5))) struct HeadDeadlineTests {
  private static let timeout = Duration.seconds(2)
  /// The proxy checks its deadlines a few times a second, with a clock of the same precision.
  private static let coarseness = Duration(Deadlines.tickInterval) * 2

  /// The clock of an event loop stops while it has no connection: a deadline must not start from the old time.
  @Test func countsFromTheAcceptOnAnEventLoopThatWasQuiet() async throws {
    try await RunningProxy.serving([], configure: { $0.timeouts.requestHeader = Self.timeout }) { proxy in
      let quietUntil = ContinuousClock.now + Self.timeout + Self.coarseness
      try await eventually("all event loops were quiet") { ContinuousClock.now > quietUntil ? () : nil }
      for text in ["", "GET / HT"] {
        let begun = ContinuousClock.now
        let connection = try await proxy.connect()
        if !text.isEmpty { try await connection.send(text) }
        _ = try await connection.takeAll()
        #expect(ContinuousClock.now - begun > Self.timeout - Self.coarseness)
        // Wait until the loop has no connection again.
        let quietUntil = ContinuousClock.now + Self.timeout + Self.coarseness
        try await eventually("all event loops are quiet") { ContinuousClock.now > quietUntil ? () : nil }
      }
    }
  }

  /// Otherwise single bytes could keep a connection open forever. An empty line may precede a request.
  @Test(arguments: ["\r\nGET / HTTP/1.1\r\nHost: web\r\n", ""], [true, false])
  func isNotExtendedBySlowBytes(head: String, isServedBefore: Bool) async throws {
    let (patient, hasty) = (Self.configuration(.seconds(3600)), Self.configuration(Self.timeout))
    try await RunningProxy.serving([], configure: { $0.timeouts = (isServedBefore ? patient : hasty).timeouts }) {
      proxy in
      let connection = try await proxy.connect()
      if isServedBefore {
        // Twice, so that the event loops have applied the configuration.
        for _ in 0..<2 {
          try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
          #expect(try await connection.response()?.status == 404)
          proxy.proxy.replace(hasty)
        }
      }
      try? await connection.send(head + "X-Slow: ")
      try await eventually(every: .milliseconds(100), "it ends in spite of its bytes") { () -> Void? in
        if !connection.isEnded { try? await connection.send("x") }
        return connection.isEnded ? () : nil
      }
      let answer = String(decoding: try await connection.takeAll(), as: UTF8.self)
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
    }
  }

  private static func configuration(_ requestHeader: Duration) -> ProxyConfiguration {
    var configuration = ProxyConfiguration()
    configuration.http = .init(host: "127.0.0.1", port: 0)
    (configuration.timeouts.requestHeader, configuration.timeouts.drain) = (requestHeader, .zero)
    return configuration
  }

  /// Otherwise it would start the time limit again.
  @Test func isNotExtendedByTheFirstByte() throws {
    let loop = EmbeddedEventLoop()
    let worker = ProxyWorker(
      eventLoop: loop, services: try .forTest(),
      settings: ProxySettings(ProxyConfiguration(), identity: ProxyIdentity()))
    let peer = ClientPeer(nil, isSecure: false, trustedProxies: [], proxy: worker.settings.identity)
    let connection = ClientConnection(peer: peer, worker: worker)
    let channel = EmbeddedChannel(handler: connection, loop: loop)
    let (deadline, accepted) = (connection.deadline, worker.deadlines.now)
    loop.advanceTime(by: Deadlines.tickInterval)
    try #require(worker.deadlines.now > accepted)
    try channel.writeInbound(ByteBuffer(string: "G"))
    #expect(connection.deadline == deadline)
    _ = try channel.finish(acceptAlreadyClosed: true)
  }
}
