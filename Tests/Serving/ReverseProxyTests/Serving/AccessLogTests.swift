import Foundation
import NIOHPACK
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// The upstream fields of the access log.
@Suite(.timeLimit(.minutes(5))) struct AccessLogTests {
  /// Most refused requests are attacks, or faults that a user wants to find.
  @Test func hasRequestsRefusedBeforeRouting() async throws {
    let file = try TemporaryDirectory()
    let configure: (inout ProxyConfiguration) -> Void = {
      $0.accessLog = AccessLogConfiguration(path: file.file("log"))
    }
    let heads = [
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
      ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n", 431),
    ]
    try await RunningProxy.serving([], configure: configure) { proxy in
      for (head, status) in heads {
        let connection = try await proxy.connect()
        try await connection.send(head)
        #expect(try await connection.response()?.status == status)
      }
    }
    try await RunningProxy.serving([], certificate: TestCertificate(), configure: configure) { proxy in
      let client = try await HTTP2Wire.connect(to: proxy)
      try await client.get(host: "user@a", path: "/page", stream: 1)
      #expect(try await client.firstHead()?.first(name: ":status") == "400")
    }
    let lines = try String(contentsOfFile: file.file("log"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == heads.count + 1)
    for (line, status) in zip(lines, heads.map(\.1)) {
      #expect(line.hasPrefix("127.0.0.1 - - [") && line.contains("] \"-\" \(status) "), "\(line)")
    }
    #expect(lines.last?.contains("] \"GET /page HTTP/2.0\" 400 ") == true, "\(lines)")
  }

  @Test func namesEachPartOfTheUpstream() async throws {
    let upstream = try await RawServer { connection in
      while try await connection.request() != nil {
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }
    }
    let folder = try TemporaryDirectory()
    try folder.write("a page", to: "site/page")
    let routes = [
      try RegisteredRoute.http("web", to: upstream), try .http("files", to: .files(root: folder.file("site"))),
      try .http("lost", to: nil),
    ]
    let file = folder.file("access.log")
    let configure: (inout ProxyConfiguration) -> Void = {
      var log = AccessLogConfiguration(path: file)
      log.format = .json
      $0.accessLog = log
    }
    try await RunningProxy.serving(routes, configure: configure) { proxy in
      let connection = try await proxy.connect()
      for (host, status) in [("web", 200), ("files", 200), ("lost", 503), ("nowhere", 404)] {
        try await connection.send("GET /page HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try await connection.response()?.status == status)
      }
    }
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let hostPort = "\(upstream.host):\(upstream.port)"
    let expected: [[String?]] = [
      ["web", "http://\(hostPort)", "http", upstream.host, "\(upstream.port)", hostPort, hostPort],
      ["files", "file://\(folder.file("site"))", "file", nil, nil, nil, folder.file("site")],
      ["lost", nil, nil, nil, nil, nil, nil], [nil, nil, nil, nil, nil, nil, nil],
    ]
    #expect(lines.count == expected.count)
    for (line, expected) in zip(lines, expected) {
      let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let keys = ["route", "upstream"] + ["scheme", "host", "port", "host_port", "addr"].map { "upstream_\($0)" }
      #expect(keys.map { record[$0] as? String } == expected)
    }
  }
}
