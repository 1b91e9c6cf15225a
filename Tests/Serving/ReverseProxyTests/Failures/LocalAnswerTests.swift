import FileServing
import Foundation
import HTTPMessages
import HTTPTransport
import NIOCore
import NIOPosix
import RouteModel
import Testing

@testable import ReverseProxy

@Suite struct LocalAnswerTests {
  @Test func isACompleteResponse() throws {
    let answer = LocalAnswer(.unreachable(.refused), route: try .failing(.plex(.lxc, .stopped)), accept: "text/html")
    let fields = Dictionary(
      answer.head.fields.lines.map { (answer.head.fields.name(of: $0), answer.head.fields.value(of: $0)) },
      uniquingKeysWith: { "\($0), \($1)" })
    #expect(answer.head.status == 503)
    #expect(answer.head.contentLength == UInt64(answer.body.readableBytes))
    #expect(fields["Content-Type"] == "text/html; charset=utf-8")
    #expect(fields["Cache-Control"] == "no-store")
    #expect(fields["Retry-After"] == "15")
    #expect(fields["X-Content-Type-Options"] == "nosniff")
    #expect(fields["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
  }

  @Test func includesAllowAndContentRange() throws {
    let method = LocalAnswer(.file(.methodNotAllowed), route: nil, accept: nil)
    let range = LocalAnswer(.file(.rangeNotSatisfiable(size: 10)), route: nil, accept: nil)
    let line = { (answer: LocalAnswer, name: String) in
      answer.head.fields.lines.first { answer.head.fields.name(of: $0) == name }.map {
        answer.head.fields.value(of: $0)
      }
    }
    #expect(line(method, "Allow") == "GET, HEAD, OPTIONS")
    #expect(line(range, "Content-Range") == "bytes */10")
  }
}

@Suite(.timeLimit(.minutes(5))) struct ProxyFailureConnectingTests {
  @Test(
    arguments: [
      (ECONNREFUSED, .unreachable(.refused)), (ETIMEDOUT, .unreachable(.timedOut)),
      (EHOSTUNREACH, .unreachable(.noNetworkPath)), (ENETUNREACH, .unreachable(.noNetworkPath)), (EMFILE, .overloaded),
      (EADDRNOTAVAIL, .overloaded), (EACCES, .unreachable(.noNetworkPath)),
    ] as [(Int32, ProxyFailure)])
  func mapsErrnoValues(code: Int32, failure: ProxyFailure) {
    #expect(ProxyFailure(connecting: IOError(errnoCode: code, reason: "connect")) == failure)
  }

  @Test(
    arguments: [
      (.connectionRefused(address: "10.0.0.50:1"), .unreachable(.refused)),
      (.timedOut(phase: "TLS handshake", after: .seconds(5)), .unreachable(.timedOut)),
      (.nameNotResolved(host: "x"), .unreachable(.noSuchName)), (.shortage(reason: "EMFILE"), .overloaded),
      (.fingerprintMismatch(presented: nil), .untrusted(reason: "its certificate is not the pinned one")),
      (
        .certificateNotTrusted(.expired(notAfter: nil)),
        .untrusted(reason: "its certificate is not trusted: it has expired")
      ),
      (.tlsFailed(reason: "/etc/ca.pem"), .untrusted(reason: "the TLS handshake with it failed")),
      (.cannotConnect(address: "10.0.0.50:1", reason: "x"), .unreachable(.noNetworkPath)),
    ] as [(HTTPTransportError, ProxyFailure)])
  func mapsTransportErrors(error: HTTPTransportError, failure: ProxyFailure) {
    #expect(ProxyFailure(connecting: error) == failure)
  }

  @Test func mapsAConnectTimeout() {
    #expect(ProxyFailure(connecting: ChannelError.connectTimeout(.seconds(1))) == .unreachable(.timedOut))
    #expect(ProxyFailure(connecting: CancellationError()) == .unreachable(.noNetworkPath))
  }

  /// The error of NIO for a name with several addresses, here with a port that is bound but has no listener.
  @Test func mapsAFailedConnectToAName() async throws {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var (address, length) = (sockaddr_in6(), socklen_t(MemoryLayout<sockaddr_in6>.size))
    address.sin6_family = sa_family_t(AF_INET6)
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        bind(descriptor, $0.baseAddress, length) == 0 ? getsockname(descriptor, $0.baseAddress, &length) : -1
      }
    }
    try #require(code == 0)
    let port = Int(UInt16(bigEndian: address.sin6_port))
    let error = await #expect(throws: (any Error).self) {
      try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "localhost", port: port)
        .get()
    }
    #expect(ProxyFailure(connecting: try #require(error)) == .unreachable(.refused), "\(String(describing: error))")
  }
}
