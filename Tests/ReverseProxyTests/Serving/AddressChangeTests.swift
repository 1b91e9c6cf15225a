import NIOCore
import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

/// A reload may move the proxy to other addresses.
@Suite struct AddressChangeTests {
  private static func address(_ port: UInt16, host: String = "127.0.0.1") -> ProxyConfiguration.Address {
    .init(host: host, port: port)
  }

  private static func configuration(
    http: ProxyConfiguration.Address? = nil, https: ProxyConfiguration.Address? = nil
  ) -> ProxyConfiguration {
    var configuration = ProxyConfiguration()
    (configuration.http, configuration.https, configuration.timeouts.drain) = (http, https, .zero)
    return configuration
  }

  /// A port that was free a moment ago.
  private static func freePort() async throws -> UInt16 {
    let server = try await RawServer { _ in }
    try await server.stopListening()
    return server.port
  }

  private static func status(of port: UInt16) async throws -> Int? {
    let connection = try await RawConnection.connect(to: port)
    try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
    return try await connection.response()?.status
  }

  @Test func aNewAddressIsListenedOnAndTheOldOneIsLeft() async throws {
    try await RunningProxy.serving([]) { proxy in
      let (old, new) = (try proxy.port(), try await Self.freePort())
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
      proxy.proxy.replace(Self.configuration(http: Self.address(new)))
      try await eventually("it moves") { proxy.proxy.listening == ["http": "127.0.0.1:\(new)"] ? () : nil }
      #expect(try await Self.status(of: new) == 404)
      await #expect(throws: (any Error).self) { _ = try await RawConnection.connect(to: old) }
      // Who was there is served on.
      try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
    }
  }

  @Test func anotherKindOfAddressComesAndGoes() async throws {
    try await RunningProxy.serving([]) { proxy in
      let (http, https) = (try proxy.port(), try await Self.freePort())
      let first = Self.configuration(http: Self.address(0), https: Self.address(https))
      proxy.proxy.replace(first)
      try await eventually("both are listened on") {
        proxy.proxy.listening == ["http": "127.0.0.1:\(http)", "https": "127.0.0.1:\(https)"] ? () : nil
      }
      proxy.proxy.replace(Self.configuration(https: Self.address(https)))
      try await eventually("one is left") { proxy.proxy.listening == ["https": "127.0.0.1:\(https)"] ? () : nil }
      await #expect(throws: (any Error).self) { _ = try await RawConnection.connect(to: http) }
    }
  }

  /// Each is free only once the other one is closed.
  @Test func twoAddressesChangePlaces() async throws {
    let (one, other) = (try await Self.freePort(), try await Self.freePort())
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.http, $0.https) = (Self.address(one), Self.address(other))
    }
    try await RunningProxy.serving([], configure: configure) { proxy in
      proxy.proxy.replace(Self.configuration(http: Self.address(other), https: Self.address(one)))
      try await eventually("they change places") {
        proxy.proxy.listening == ["http": "127.0.0.1:\(other)", "https": "127.0.0.1:\(one)"] ? () : nil
      }
      #expect(try await Self.status(of: other) == 404)
    }
  }

  /// One is another program's, the other one (RFC 5737) no address of this machine, on the port that is listened on.
  @Test(arguments: [false, true]) func whatCannotBeListenedOnLeavesThingsAsTheyAre(hasSamePort: Bool) async throws {
    let (book, holder) = (LogBook(), try await RawServer { _ in })
    let port = try await Self.freePort()
    let configure: (inout ProxyConfiguration) -> Void = { $0.http = Self.address(port) }
    try await RunningProxy.serving([], configure: configure, logger: book.logger) { proxy in
      let wanted = hasSamePort ? Self.address(port, host: "192.0.2.1") : Self.address(holder.port, host: holder.host)
      proxy.proxy.replace(Self.configuration(http: wanted))
      try await eventually("it is told: \(book.lines)") {
        book.lines.contains {
          $0.hasPrefix("error: cannot listen on proxy.http, \(wanted.host):\(wanted.port): ") && $0.contains("stays=")
        } ? () : nil
      }
      try await eventually("it listens as before") {
        proxy.proxy.listening == ["http": "127.0.0.1:\(port)"] ? () : nil
      }
      #expect(try await Self.status(of: port) == 404)
    }
  }
}
