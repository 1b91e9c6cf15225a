import NIOCore
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Clients that are answered while they still send: closing at once would reset the connection and lose the answer.
@Suite(.timeLimit(.minutes(5))) struct LingeringTests {
  private static let block = [UInt8](repeating: 0x78, count: 256 * 1024)

  private static func upload(_ host: String, of count: Int) -> String {
    "PUT / HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(count)\r\n\r\n"
  }

  /// Answers a request before its body has arrived.
  private static func hastyUpstream() async throws -> RawServer {
    try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
      _ = try await connection.takeAll()
    }
  }

  private static func isRefused(_ bytes: [UInt8], on connection: RawConnection) async -> Bool {
    do { try await connection.send(bytes) } catch { return true }
    return false
  }

  /// Most clients read the answer after they have sent the whole request.
  @Test(arguments: [("web", 413), ("nowhere", 404)], [false, true])
  func aClientThatReadsAfterSendingGetsTheAnswer(answer: (host: String, status: Int), isSecure: Bool) async throws {
    let upstream = try await Self.hastyUpstream()
    let certificate = try isSecure ? TestCertificate() : nil
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.requestHeader = .seconds(120) }
    let routes = [try RegisteredRoute.http("web", to: upstream)]
    try await RunningProxy.serving(routes, certificate: certificate, configure: configure) { proxy in
      let connection = try await proxy.connect(offering: isSecure ? ["http/1.1"] : nil)
      let count = 64
      try await connection.send(Self.upload(answer.host, of: count * Self.block.count))
      try await eventually("the answer is there") { connection.waiting > 0 ? () : nil }
      for _ in 0..<count { try await connection.send(Self.block) }
      let response = try #require(try await connection.response(to: "PUT"))
      #expect(response.status == answer.status && response.isComplete && response["connection"] == "close")
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  /// Such as a client on a slow line: its bytes arrive rarely, for longer than the time limit of a silent client.
  @Test func aSlowSenderIsNotReset() async throws {
    let limit = Duration.seconds(10)
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.timeouts.lingering, $0.timeouts.requestHeader) = (limit, .seconds(120))
    }
    try await RunningProxy.serving([], configure: configure) { proxy in
      // On a stalled machine the sender may be silent for too long itself, but not five times in a row.
      var sending = (isReset: true, longestPause: limit)
      for _ in 0..<5 where sending.isReset && sending.longestPause > limit / 2 {
        let connection = try await proxy.connect()
        try await connection.send(Self.upload("nowhere", of: 1 << 30))
        #expect(try await connection.response(to: "PUT")?.status == 404)
        sending = try await Self.sendOn(connection, for: limit + .seconds(2))
      }
      #expect(!sending.isReset, "\(sending)")
    }
  }

  /// Sends a byte now and then, until the connection is reset or the time is over.
  private static func sendOn(
    _ connection: RawConnection, for time: Duration
  ) async throws -> (isReset: Bool, longestPause: Duration) {
    var (isReset, longestPause, last) = (false, Duration.zero, ContinuousClock.now)
    let end = last + time
    try await eventually(every: .milliseconds(100), "it has sent on for long") { () -> Void? in
      isReset = await isRefused([0x78], on: connection)
      let now = ContinuousClock.now
      (longestPause, last) = (max(longestPause, now - last), now)
      return isReset || now > end ? () : nil
    }
    return (isReset, longestPause)
  }

  @Test(arguments: [("web", 413), ("nowhere", 404)])
  func anEndlessSenderIsClosed(answer: (host: String, status: Int)) async throws {
    let upstream = try await Self.hastyUpstream()
    let configure: (inout ProxyConfiguration) -> Void = {
      $0.timeouts.requestHeader = .seconds(10)
      $0.timeouts.idle = .seconds(3600)
    }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.upload(answer.host, of: 1 << 40))
      #expect(try await connection.response(to: "PUT")?.status == answer.status)
      try await eventually("it is closed") { await Self.isRefused(Self.block, on: connection) ? () : nil }
    }
  }

  /// It has its answer, and neither sends nor closes.
  @Test func aSilentClientIsClosed() async throws {
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.timeouts.requestHeader, $0.timeouts.lingering) = (.seconds(3600), .seconds(1))
      $0.timeouts.idle = .seconds(3600)
    }
    try await RunningProxy.serving([], configure: configure) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(Self.upload("nowhere", of: 1000))
      #expect(try await connection.response(to: "PUT")?.status == 404)
      #expect(try await connection.takeAll().isEmpty)
      // Less often than the time limit, because each byte after the end causes a reset.
      try await eventually(every: .seconds(4), "the connection is reset") {
        await Self.isRefused([0x78], on: connection) ? () : nil
      }
    }
  }
}
