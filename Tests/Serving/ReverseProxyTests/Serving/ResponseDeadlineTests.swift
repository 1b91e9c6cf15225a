import Foundation
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// The deadlines of a response: when they start and to which side they apply.
@Suite(.timeLimit(.minutes(5))) struct ResponseDeadlineTests {
  /// The time limit starts after the whole request, so that a long upload does not count.
  @Test(arguments: ["Content-Length: 4", "Transfer-Encoding: chunked"])
  func theUpstreamsDeadlineStartsWhenTheRequestHasEnded(framing: String) async throws {
    let upstream = try await RawServer { connection in
      while let request = try await connection.request() {
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        try await connection.send(request.body)
      }
    }
    let timeout = Duration.seconds(4)
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.responseHeader = timeout }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      // A stalled machine can miss the deadline too, but not five times in a row.
      var answers: [RawMessage] = []
      for _ in 0..<5 where answers.count < 2 { answers = try await Self.answersToSlowUploads(framing, proxy, timeout) }
      #expect(answers.map(\.text) == ["abcd", "abcd"])
    }
  }

  /// Counts the 200 responses to two uploads on one connection, each longer than `timeout`: the first on a new upstream
  /// connection, the second on a reused one. Ends at the first other response.
  private static func answersToSlowUploads(
    _ framing: String, _ proxy: RunningProxy, _ timeout: Duration
  ) async throws -> [RawMessage] {
    let connection = try await proxy.connect()
    let isChunked = framing.hasSuffix("chunked")
    var answers: [RawMessage] = []
    for _ in 0..<2 {
      try await connection.send("PUT / HTTP/1.1\r\nHost: web\r\n\(framing)\r\n\r\n")
      try await connection.send(isChunked ? "2\r\nab\r\n" : "ab")
      let end = ContinuousClock.now + timeout + .seconds(1)
      try await eventually("the upload takes longer") { ContinuousClock.now > end ? () : nil }
      try await connection.send(isChunked ? "2\r\ncd\r\n0\r\n\r\n" : "cd")
      let answer = try #require(try await connection.response(to: "PUT"))
      guard answer.status == 200 else { break }
      answers.append(answer)
    }
    return answers
  }

  @Test func anUpstreamThatIsSilentAfterALongUploadTimesOut() async throws {
    let upstream = try await RawServer { connection in _ = try await connection.takeAll() }
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.responseHeader = .seconds(1) }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\n\r\nab")
      try await connection.send("cd")
      #expect(try await connection.response(to: "PUT")?.status == 504)
    }
  }

  /// Such as an event stream, a log or a bidirectional call: silent for longer than the idle timeout.
  @Test(arguments: ["GET", "PUT"])
  func aResponseThatHasBegunMayBeSilent(method: String) async throws {
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.idle = .seconds(4) }
    let upstream = try await RawServer { connection in
      _ = try await connection.head()
      try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      let end = ContinuousClock.now + .seconds(10)
      try await eventually("it was silent") { ContinuousClock.now > end ? () : nil }
      try await connection.send("4\r\nlast\r\n0\r\n\r\n")
      _ = try await connection.takeAll()
    }
    let route = try RegisteredRoute.http("web", to: upstream)
    try await RunningProxy.serving([route], configure: configure) { proxy in
      let framing = method == "PUT" ? "Content-Length: 4\r\n" : ""
      // A stalled machine can miss the time limit of the request's body before the response begins, but not five times
      // in a row.
      var answer: RawMessage?
      for _ in 0..<5 where answer?.status != 200 {
        let connection = try await proxy.connect()
        try await connection.send("\(method) / HTTP/1.1\r\nHost: web\r\n\(framing)\r\n")
        answer = try await connection.response(to: method)
      }
      #expect(answer?.text == "firstlast" && answer?.isComplete == true, "\(String(describing: answer))")
    }
  }

  /// The client must be able to see that the response is incomplete.
  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      "Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "Connection: close\r\n\r\nhello",
    ])
  func anUpstreamThatStopsInTheMiddleOfABodyTimesOut(response: String) async throws {
    let upstream = try await RawServer { connection in
      _ = try await connection.request()
      try await connection.send("HTTP/1.1 200 OK\r\n\(response)")
      _ = try await connection.takeAll()
    }
    let route = try RegisteredRoute.http("web", to: upstream)
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.responseIdle = .seconds(1) }
    try await RunningProxy.serving([route], configure: configure) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      let answer = try #require(try await connection.response())
      #expect(answer.status == 200 && answer.text == "hello" && !answer.isComplete, "\(answer)")
      try await eventually("no request is in flight") { proxy.totals(route).inFlight == 0 ? () : nil }
    }
  }

  /// The proxy keeps the rest of the response meanwhile.
  @Test func aDownloadMayBePaused() async throws {
    let folder = try TemporaryDirectory()
    let size = 8 << 20
    _ = FileManager.default.createFile(atPath: folder.file("large"), contents: Data(count: size))
    let route = try RegisteredRoute.http("files", to: .files(root: folder.path))
    try await RunningProxy.serving([route], configure: { $0.timeouts.idle = .seconds(1) }) { proxy in
      for path in ["/large", "/large?close"] {
        let connection = try await proxy.connect(reading: false)
        let close = path.hasSuffix("close") ? "Connection: close\r\n" : ""
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: files\r\n\(close)\r\n")
        let end = ContinuousClock.now + .seconds(4)
        try await eventually("it was paused") { ContinuousClock.now > end ? () : nil }
        try await connection.startReading()
        let answer = try #require(try await connection.response())
        #expect(answer.isComplete && answer.body.count == size, "\(answer.body.count)")
      }
    }
  }

  /// From a folder, which has no deadline of an upstream.
  @Test(arguments: ["http/1.1", "h2"])
  func aClientThatReadsNothingTimesOut(version: String) async throws {
    let folder = try TemporaryDirectory()
    _ = FileManager.default.createFile(atPath: folder.file("large"), contents: Data(count: 64 << 20))
    let route = try RegisteredRoute.http("files", to: .files(root: folder.path))
    let configure: (inout ProxyConfiguration) -> Void = {
      $0.timeouts.responseIdle = .seconds(1)
      $0.timeouts.requestHeader = .seconds(3600)
    }
    let certificate = version == "h2" ? try TestCertificate() : nil
    try await RunningProxy.serving([route], certificate: certificate, configure: configure) { proxy in
      if version == "h2" {
        let client = try await HTTP2Wire.connect(to: proxy)
        try await client.get(host: "files", path: "/large", stream: 1)
        // The client does not extend its window.
        let reset = try await client.take { $0.type == .reset && $0.stream == 1 }
        #expect(reset != nil)
      } else {
        let connection = try await proxy.connect(reading: false)
        try await connection.send("GET /large HTTP/1.1\r\nHost: files\r\n\r\n")
        try await eventually("it times out") { proxy.totals(route).requests[2] == 1 ? () : nil }
      }
      try await eventually("no request is in flight") { proxy.totals(route).inFlight == 0 ? () : nil }
    }
  }
}
