import Foundation
import NIOCore
import NIOPosix
import RouteModel
import ServerSockets
import TestSupport
import Testing

@testable import ReverseProxy

/// TCP keep-alive, by which the kernel detects lost peers.
@Suite(.timeLimit(.minutes(5))) struct KeepAliveTests {
  /// The timers of idle connections in /proc/net/tcp: kind 02 is keep-alive; `left` is the time until it fires, in
  /// hundredths of a second.
  private static func timers(at port: UInt16) throws -> [(kind: Int, left: Int)] {
    // Reads to the end: the kernel returns a page per read, which Foundation takes for the whole of a short file.
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/net/tcp"))
    let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    return table.split(separator: "\n").dropFirst().compactMap { line in
      let columns = line.split(separator: " ")
      let isAccepted = columns[1].hasSuffix(":" + String(format: "%04X", port)) && columns[3] == "01"
      let timer = columns[5].split(separator: ":").compactMap { Int($0, radix: 16) }
      return isAccepted && timer.count == 2 ? (timer[0], timer[1]) : nil
    }
  }

  @Test func clientsAndUpstreamsAreProbedWithinAMinute() async throws {
    let upstream = try await EchoUpstream()
    try await RunningProxy.serving(
      [try .http("web", to: upstream)], configure: { $0.timeouts.upstreamIdle = .seconds(600) }
    ) {
      proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
      let port = try proxy.port()
      try await eventually("the kernel would probe the client within a minute") {
        let timers = try Self.timers(at: port)
        return timers.contains { $0.kind == 2 && $0.left <= 6000 } ? () : nil
      }
      _ = connection
    }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).keepAlive()
      .connect(host: upstream.host, port: Int(upstream.port)).get()
    let idle = try await channel.getOption(ChannelOptions.tcpOption(.init(rawValue: TCP_KEEPIDLE))).get()
    let isOn = try await channel.getOption(.socketOption(.so_keepalive)).get()
    #expect(idle == 60 && isOn != 0)
    try await channel.close()
  }
}
