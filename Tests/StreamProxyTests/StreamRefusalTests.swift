import Glibc
import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import Testing

@testable import StreamProxy

@Suite struct StreamRefusalTests {
  @Test(
    arguments: [
      (ChannelError.connectTimeout(.seconds(5)), .upstreamTimedOut),
      (IOError(errnoCode: ETIMEDOUT, reason: "connect"), .upstreamTimedOut),
      (IOError(errnoCode: ECONNREFUSED, reason: "connect"), .upstreamRefused),
      (IOError(errnoCode: EHOSTUNREACH, reason: "connect"), .upstreamUnreachable),
      (ChannelError.eof, .upstreamUnreachable),
    ] as [(any Error & Sendable, RouteTraffic.Refusal)])
  func isCountedAsWhatTheAttemptMet(error: any Error & Sendable, reason: RouteTraffic.Refusal) throws {
    let route = try RegisteredRoute.stream("ssh", to: 22).route
    #expect(StreamRefusal.upstream(of: route, error).counted == reason)
  }
}
