import Glibc
import NIOCore
import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

/// A reload may move the proxy to other addresses.
@Suite(.timeLimit(.minutes(5))) struct AddressChangeTests {
  private typealias Address = ProxyConfiguration.Address

  private static func configuration(http: Address? = nil, https: Address? = nil) -> ProxyConfiguration {
    var configuration = ProxyConfiguration()
    (configuration.http, configuration.https, configuration.timeouts.drain) = (http, https, .zero)
    return configuration
  }

  /// A free port on a loopback address that no other test uses.
  private static func freeAddress() async throws -> Address {
    let server = try await RawServer { _ in }
    try await server.stopListening()
    let address = Address(host: server.host, port: server.port)
    try await eventually("\(text(address)) is free") { try isFree(address) ? () : nil }
    return address
  }

  /// Whether nothing listens there, not even a program as below.
  private static func isFree(_ address: Address) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    // With the proxy's options, but without listening: a child process may hold a copy of this socket for a moment, and
    // only a listening one would keep the proxy from binding.
    var isOn: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    return try SocketAddress(ipAddress: address.host, port: Int(address.port)).withSockAddr {
      bind(descriptor, $0, socklen_t($1)) == 0
    }
  }

  private static func status(of address: Address) async throws -> Int? {
    let connection = try await RawConnection.connect(to: address.port, of: address.host)
    try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
    return try await connection.response()?.status
  }

  /// Waits, because a program that another test starts has copies of this process's sockets until its execve(2).
  private static func expectNoListener(at address: Address) async throws {
    try await eventually("nothing listens at \(text(address))") { () -> Bool? in
      do { _ = try await RawConnection.connect(to: address.port, of: address.host) } catch { return true }
      return nil
    }
  }

  private static func text(_ address: Address) -> String { "\(address.host):\(address.port)" }

  @Test func aNewAddressReplacesTheOldOne() async throws {
    let (old, new) = (try await Self.freeAddress(), try await Self.freeAddress())
    try await RunningProxy.serving([], configure: { $0.http = old }) { proxy in
      let connection = try await RawConnection.connect(to: old.port, of: old.host)
      try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
      proxy.proxy.replace(Self.configuration(http: new))
      try await eventually("it moves") { proxy.proxy.listening == ["http": Self.text(new)] ? () : nil }
      #expect(try await Self.status(of: new) == 404)
      try await Self.expectNoListener(at: old)
      // Open connections are still served.
      try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
    }
  }

  @Test func theOtherSchemeIsAddedAndTheFirstRemoved() async throws {
    let (http, https) = (try await Self.freeAddress(), try await Self.freeAddress())
    try await RunningProxy.serving([], configure: { $0.http = http }) { proxy in
      proxy.proxy.replace(Self.configuration(http: http, https: https))
      try await eventually("both listen") {
        proxy.proxy.listening == ["http": Self.text(http), "https": Self.text(https)] ? () : nil
      }
      proxy.proxy.replace(Self.configuration(https: https))
      try await eventually("the first is closed") { proxy.proxy.listening == ["https": Self.text(https)] ? () : nil }
      try await Self.expectNoListener(at: http)
    }
  }

  /// Each address is free only once the other listener is closed.
  @Test func twoAddressesAreSwapped() async throws {
    let (one, other) = (try await Self.freeAddress(), try await Self.freeAddress())
    try await RunningProxy.serving([], configure: { ($0.http, $0.https) = (one, other) }) { proxy in
      try await eventually("they are swapped") {
        // Retries, because a program as above may hold an address.
        proxy.proxy.replace(Self.configuration(http: other, https: one))
        return proxy.proxy.listening == ["http": Self.text(other), "https": Self.text(one)] ? () : nil
      }
      #expect(try await Self.status(of: other) == 404)
    }
  }

  /// One address is in use by another program. The other one (RFC 5737) is no address of this machine, on the current port.
  @Test(arguments: [false, true]) func anAddressThatCannotBeBoundKeepsTheOldListener(hasSamePort: Bool) async throws {
    let (book, holder, old) = (LogBook(), try await RawServer { _ in }, try await Self.freeAddress())
    try await RunningProxy.serving([], configure: { $0.http = old }, logger: book.logger) { proxy in
      let wanted =
        hasSamePort ? Address(host: "192.0.2.1", port: old.port) : Address(host: holder.host, port: holder.port)
      proxy.proxy.replace(Self.configuration(http: wanted))
      try await eventually("the failure is logged: \(book.lines)") {
        book.lines.contains {
          $0.hasPrefix("error: cannot listen on proxy.http, \(Self.text(wanted)): ") && $0.contains("previous.address=")
        } ? () : nil
      }
      try await eventually("it listens as before") {
        proxy.proxy.listening == ["http": Self.text(old)] ? () : nil
      }
      try await eventually("it serves as before") { try? await Self.status(of: old) == 404 ? () : nil }
    }
  }
}
