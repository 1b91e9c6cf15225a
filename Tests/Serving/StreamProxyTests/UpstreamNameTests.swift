import NameResolution
import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import StreamProxy

/// Upstreams by name.
@Suite struct UpstreamNameTests {
  @Test(.timeLimit(.minutes(5))) func aNameWithoutAnswerFailsAlone() async throws {
    let upstream = try await TestPeer.Listener()
    let names = ScriptedNames(["good.test": ["127.0.0.1"]])
    let dead = try RegisteredRoute.stream("dead", to: 80, host: "dead.test")
    let good = try RegisteredRoute.stream("good", to: upstream.port, host: "good.test")
    let streams = try RunningStreams(
      [dead, good], names: names.resolver, configure: { $0.connectTimeout = .seconds(120) })
    let port = try await streams.port(dead)
    var waiting: [TestPeer] = []
    for _ in 0..<20 { waiting.append(try await TestPeer.connect(port: port)) }
    try await eventually("the name is looked up") { names.waiting == 1 ? () : nil }
    let client = try await TestPeer.connect(port: try await streams.port(good))
    try await client.send("hello")
    try await upstream.accept().wait(for: "hello")
    names.endSilence()
    try await eventually("all are refused") { streams.refusals(dead, .upstreamUnreachable) == 20 ? () : nil }
    // At once: the connect timeout is far longer.
    _ = try await TestPeer.connect(port: port)
    try await eventually("the next one too") { streams.refusals(dead, .upstreamUnreachable) == 21 ? () : nil }
    try await streams.stop()
  }

  /// A lookup for which this machine had no descriptor is not a failure of the upstream.
  @Test(.timeLimit(.minutes(5))) func aShortageIsTheAgentsOwn() async throws {
    let names = ScriptedNames(short: ["service.test"])
    let tcp = try RegisteredRoute.stream("tcp", to: 80, host: "service.test")
    let udp = try RegisteredRoute.stream("udp", to: 80, host: "service.test", scheme: .udp)
    let streams = try RunningStreams([tcp, udp], names: names.resolver)
    _ = try await TestPeer.connect(port: try await streams.port(tcp))
    let peer = try await DatagramPeer(port: try await streams.port(udp))
    try await peer.send("hello")
    for route in [tcp, udp] {
      try await eventually("it is refused") { streams.refusals(route, .overloaded) == 1 ? () : nil }
    }
    try await streams.stop()
  }

  /// A lookup that waits for a resolver thread is dropped when its session ends.
  @Test(.timeLimit(.minutes(5))) func aSessionThatEndedLeavesTheQueue() async throws {
    let names = ScriptedNames(maxThreads: 4)
    for name in ["first", "second"] { names.resolver.resolve(name) { _ in } }
    try await eventually("no thread is left") { names.waiting == 2 ? () : nil }
    let route = try RegisteredRoute.stream("dns", to: 53, host: "dead.test", scheme: .udp)
    let streams = try RunningStreams(
      [route], names: names.resolver, configure: { $0.datagramTimeout = .milliseconds(100) })
    let client = try await DatagramPeer(port: try await streams.port(route))
    try await client.send("hello")
    try await eventually("the session begins") { streams.connections(route, .udp).opened == 1 ? () : nil }
    try await eventually("the session ends") { streams.connections(route, .udp) == (1, 0) ? () : nil }
    names.endSilence()
    // It would come after the dropped name.
    _ = await names.resolver.addresses(of: "last", timeout: .seconds(180))
    #expect(names.asked.contains("last") && !names.asked.contains("dead.test"), "\(names.asked)")
    try await streams.stop()
  }

  @Test(.timeLimit(.minutes(5))) func sendsDatagramsToAName() async throws {
    let echo = try await DatagramServer { [$0] }
    let names = ScriptedNames(["dns.test": [echo.host]])
    let route = try RegisteredRoute.stream("dns", to: Int(echo.port), host: "dns.test", scheme: .udp)
    let streams = try RunningStreams([route], names: names.resolver)
    try await DatagramPeer(port: try await streams.port(route)).ask("hello", expecting: "hello")
    try await streams.stop()
  }
}
