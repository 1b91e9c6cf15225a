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

  @Test(arguments: [GuestStatus.running, .stopped]) func namesAGuestThatIsStopped(status: GuestStatus) throws {
    let link = ProxmoxLink.linked(
      LinkedResource(
        .guest(GuestID(cluster: "home", vmid: 105), node: "pve1", name: "git", type: .lxc, status: status),
        matchedBy: .alias, matched: "git"))
    let route = try RegisteredRoute.stream("git", to: 22, link: link).route
    let refused = StreamRefusal.upstream(of: route, IOError(errnoCode: ECONNREFUSED, reason: "connect"))
    #expect("\(refused)".contains("guest 105 (git) on pve1 is stopped") == (status == .stopped), "\(refused)")
    #expect("\(refused)".contains("Connection refused"), "\(refused)")
  }
}
