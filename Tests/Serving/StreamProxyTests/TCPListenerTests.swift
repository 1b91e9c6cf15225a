import NIOCore
import NIOPosix
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import StreamProxy

@Suite(.timeLimit(.minutes(5))) struct TCPListenerTests {
  @Test func relaysToTheTarget() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.send("hello")
    let server = try await upstream.accept()
    try await server.wait(for: "hello")
    try await server.send("welcome")
    try await client.wait(for: "welcome")
    try await eventually("what passed is counted while it is open") {
      let totals = streams.totals(route)
      return totals.received == 5 && totals.sent == 7 ? () : nil
    }
    #expect(streams.connections(route) == (1, 1))
    try await client.close()
    try await server.close()
    try await eventually("it is counted") { streams.connections(route) == (1, 0) ? () : nil }
    #expect(streams.totals(route).received == 5 && streams.totals(route).sent == 7)
    try await streams.stop()
  }

  /// As in SSH, the client sends nothing before the server has.
  @Test func passesWhatTheServerSaysFirst() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port) { $0.relayedProxyHeader = .v1 }
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    let server = try await upstream.accept()
    try await eventually("the header comes by itself") { server.text.hasSuffix("\r\n") ? () : nil }
    try await server.send("SSH-2.0")
    try await client.wait(for: "SSH-2.0")
    try await streams.stop()
  }

  @Test func theNextConnectionFollowsARelink() async throws {
    let (old, new) = (try await TestPeer.Listener(), try await TestPeer.Listener())
    let route = try RegisteredRoute.stream("ssh", to: old.port)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    let first = try await TestPeer.connect(port: port)
    let firstServer = try await old.accept()
    streams.registry.apply(adding: [try .stream("ssh", to: new.port)])
    let second = try await TestPeer.connect(port: port)
    let secondServer = try await new.accept()
    #expect(try await streams.port(route) == port)
    try await first.send("old")
    try await firstServer.wait(for: "old")
    try await second.send("new")
    try await secondServer.wait(for: "new")
    #expect(old.count == 1 && new.count == 1)
    try await streams.stop()
  }

  @Test func aRemovedRouteListensNoMoreWhileItsConnectionsGoOn() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    let client = try await TestPeer.connect(port: port)
    let server = try await upstream.accept()
    streams.registry.apply(adding: [], removing: [route.id])
    try await eventually("it listens no more") { streams.state(route) == nil ? () : nil }
    // A program started by another test has a copy of the socket until its execve(2).
    try await eventually("connections are refused") { () -> Bool? in
      do { _ = try await TestPeer.connect(port: port) } catch { return true }
      return nil
    }
    try await client.send("still here")
    try await server.wait(for: "still here")
    try await streams.stop()
  }

  /// Each client sends a different amount, ends its output, and receives the same amount back.
  @Test func manyAtOnceKeepTheirBytesApart() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    let measures = (0..<40).map { _ in Int.random(in: 1...2_000_000) }
    try await withThrowingTaskGroup { group in
      for (index, measure) in measures.enumerated() {
        group.addTask {
          let server = try await upstream.accept(index)
          try await server.waitForEnd()
          #expect(measures.contains(server.count))
          server.begin(sending: server.count)
          try await server.finish()
        }
        group.addTask {
          let client = try await TestPeer.connect(port: port)
          client.begin(sending: measure)
          try await client.finish()
          try await client.waitForEnd()
          #expect(client.count == measure)
        }
      }
      try await group.waitForAll()
    }
    try await eventually("all are counted") { streams.connections(route) == (40, 0) ? () : nil }
    let (sum, totals) = (measures.reduce(0, +), streams.totals(route))
    #expect(totals.received == sum && totals.sent == sum)
    try await streams.stop()
  }

  @Test func aRouteWithoutListenPortHasNoListener() async throws {
    let bare = try RegisteredRoute.stream("bare", listen: nil, to: 1)
    let other = try RegisteredRoute.stream("other", to: 1)
    let streams = try RunningStreams([bare, other])
    _ = try await streams.port(other)
    #expect(streams.state(bare) == nil)
    try await streams.stop()
  }

  @Test func listensAtTheBindOfTheRoute() async throws {
    let route = try RegisteredRoute.stream("ssh", to: 1) { $0.bind = "127.0.0.9" }
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    #expect(streams.state(route) == .listening("127.0.0.9:\(port)"))
    try await streams.stop()
  }

  @Test func triesAnAddressInUseUntilItIsFree() async throws {
    let holder = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", listen: UInt16(holder.port), to: 1)
    let streams = try RunningStreams([route])
    try await eventually("the failure shows") {
      if case .failed(let reason)? = streams.state(route) { reason.contains("\(holder.port)") ? () : nil } else { nil }
    }
    try await holder.stop()
    #expect(try await streams.port(route) == holder.port)
    try await streams.stop()
  }

  @Test func namesTheRouteThatHasThePort() async throws {
    let first = try RegisteredRoute.stream("first", to: 1)
    let streams = try RunningStreams([first])
    let port = try await streams.port(first)
    let second = try RegisteredRoute.stream("second", listen: UInt16(port), to: 2)
    streams.registry.apply(adding: [second])
    try await eventually("the failure names the other") {
      if case .failed(let reason)? = streams.state(second) { reason.contains("'first'") ? () : nil } else { nil }
    }
    streams.registry.apply(adding: [], removing: [first.id])
    #expect(try await streams.port(second) == port)
    try await streams.stop()
  }

  @Test func aPortMovesToAnotherRouteInOneGeneration() async throws {
    let (one, other) = (try await TestPeer.Listener(), try await TestPeer.Listener())
    let first = try RegisteredRoute.stream("first", to: one.port)
    let streams = try RunningStreams([first])
    let port = try await streams.port(first)
    let second = try RegisteredRoute.stream("second", listen: UInt16(port), to: other.port)
    streams.registry.apply(adding: [second], removing: [first.id])
    #expect(try await streams.port(second) == port)
    _ = try await TestPeer.connect(port: port)
    _ = try await other.accept()
    #expect(one.count == 0)
    try await streams.stop()
  }

  @Test func closesAtOnceWhereThereIsNoTarget() async throws {
    let route = try RegisteredRoute.stream("ssh", to: nil)
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.waitForEnd()
    try await eventually("it is counted") { streams.connections(route) == (1, 0) ? () : nil }
    #expect(streams.refusals(route, .noTarget) == 1)
    try await streams.stop()
  }

  @Test(arguments: [GuestStatus.running, .stopped])
  func closesWhereTheUpstreamRefuses(_ guest: GuestStatus) async throws {
    let closed = try ClosedPort()
    let link = ProxmoxLink.linked(
      LinkedResource(
        .guest(GuestID(cluster: "home", vmid: 105), node: "pve1", name: "git", type: .lxc, status: guest),
        matchedBy: .address, matched: "127.0.0.1"))
    let route = try RegisteredRoute.stream("ssh", to: Int(closed.number), link: link)
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.waitForEnd()
    try await eventually("it is counted") { streams.connections(route) == (1, 0) ? () : nil }
    #expect(streams.refusals(route, guest == .stopped ? .guestStopped : .upstreamRefused) == 1)
    try await streams.stop()
    _ = closed
  }

  /// A route to its own listener would connect to itself until no descriptor is left.
  @Test(arguments: ["127.0.0.1", "localhost"])
  func neverConnectsToItself(_ host: String) async throws {
    let route = try RegisteredRoute.stream("loop", to: nil)
    let streams = try RunningStreams([route])
    let port = try await streams.port(route)
    streams.registry.apply(adding: [try .stream("loop", to: port, host: host)])
    let client = try await TestPeer.connect(port: port)
    try await client.waitForEnd()
    #expect(streams.connections(route).opened == 1 && streams.refusals(route, .loop) == 1)
    try await streams.stop()
  }

  @Test func connectionsFinishWithinTheDrain() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route], configure: { $0.drain = .seconds(3600) })
    let port = try await streams.port(route)
    let client = try await TestPeer.connect(port: port)
    let server = try await upstream.accept()
    await streams.beginShutdown()
    try await eventually("it listens no more") { streams.state(route) == nil ? () : nil }
    try await client.send("last words")
    try await server.wait(for: "last words")
    try await client.close()
    try await server.close()
    try await streams.stopped()
  }

  @Test func closesWhatOutlastsTheDrain() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route], configure: { $0.drain = .milliseconds(50) })
    let client = try await TestPeer.connect(port: try await streams.port(route))
    _ = try await upstream.accept()
    try await streams.stop()
    try await client.waitForEnd()
  }
}
