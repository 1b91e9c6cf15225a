import Foundation
import NIOHPACK
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Every response has a Date (RFC 9110 §6.6.1): that of the upstream, or one from the proxy.
@Suite(.timeLimit(.minutes(5))) struct DateTests {
  private static let dated = "Sun, 06 Nov 1994 08:49:37 GMT"

  private static func upstream() async throws -> EchoUpstream {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
    return try await EchoUpstream(answers: [
      "/dated": ok + "date: \(dated)\r\n\r\n", "/dateless": ok + "\r\n",
      "/hidden": ok + "Date: \(dated)\r\nConnection: date\r\n\r\n",
      "/early": "HTTP/1.1 103 Early Hints\r\n\r\n" + ok + "\r\n",
    ])
  }

  /// Whether the time is within the run of the test, in the only format that may be sent.
  private static func isCurrent(_ text: String, since start: Date) -> Bool {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    guard let date = format.date(from: text), format.string(from: date) == text else { return false }
    return start.addingTimeInterval(-2) <= date && date <= Date()
  }

  @Test func isInEveryResponse() async throws {
    let (upstream, start, folder) = (try await Self.upstream(), Date(), try TemporaryDirectory())
    try folder.write("a page", to: "page")
    let routes = [try RegisteredRoute.http("web", to: upstream), try .http("files", to: .files(root: folder.path))]
    try await RunningProxy.serving(routes) { proxy in
      let connection = try await proxy.connect()
      let targets = [("web", "/dateless"), ("web", "/hidden"), ("files", "/page"), ("nowhere", "/"), ("a b", "/")]
      for (host, path) in targets {
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let dates = try #require(try await connection.response()).values("date")
        #expect(dates.count == 1 && Self.isCurrent(dates[0], since: start), "\(host)\(path): \(dates)")
      }
    }
    try await RunningProxy.serving(routes, certificate: TestCertificate()) { proxy in
      for (host, path) in [("web", "/dateless"), ("files", "/page"), ("nowhere", "/")] {
        let client = try await HTTP2Wire.connect(to: proxy)
        try await client.get(host: host, path: path, stream: 1)
        let dates = try #require(try await client.firstHead())["date"]
        #expect(dates.count == 1 && Self.isCurrent(dates[0], since: start), "\(host)\(path): \(dates)")
      }
    }
    #expect(upstream.requests.count == 3)
  }

  @Test func theUpstreamsDateIsKept() async throws {
    let upstream = try await Self.upstream()
    let routes = [try RegisteredRoute.http("web", to: upstream)]
    try await RunningProxy.serving(routes) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET /dated HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.values("date") == [Self.dated])
      try await connection.send("GET /early HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.anyResponse()?.values("date") == [])
      #expect(try await connection.response()?.values("date").count == 1)
    }
    try await RunningProxy.serving(routes, certificate: TestCertificate()) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "web", path: "/dated", stream: 1)
      #expect(try await client.firstHead()?["date"] == [Self.dated])
    }
    #expect(upstream.requests.count == 3)
  }
}
