import HTTPTransport
import Logging
import ReverseProxy
import RouteModel
import RouteRegistry
import ServerSockets
import Synchronization
import TestSupport
import Testing
import WakeOnDemand

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(2)))
struct ServingHostTests {
  private static func host(
    _ configuration: ProxyConfiguration?, onListening: @escaping @Sendable () -> Void = {}
  ) throws -> ServingHost {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return try ServingHost(
      configuration, registry: RouteRegistry(logger: logger), descriptors: DescriptorBudget(),
      gates: WakeGates(), logger: logger, onListening: onListening)
  }

  /// The agent is ready without a proxy that was removed from the configuration.
  @Test func waitsForNoProxyThatWasRemovedBeforeItListened() throws {
    let started = Mutex(0)
    let notice = StartNotice([.socket, .proxy]) { started.withLock { $0 += 1 } }
    let host = try Self.host(ProxyConfiguration()) { notice.settle(.proxy) }
    notice.settle(.socket)
    #expect(started.withLock { $0 } == 0)
    host.replace(nil, first: nil)
    #expect(host.current == nil && started.withLock { $0 } == 1)
    host.replace(
      ProxyConfiguration(), first: try host.prepare(ProxyConfiguration()))
    host.replace(nil, first: nil)
    #expect(started.withLock { $0 } == 1)
  }

  /// What is prepared is in force only once it replaces what was there.
  @Test func preparesOnlyAFirstProxy() throws {
    let host = try Self.host(nil)
    let first = try #require(try host.prepare(ProxyConfiguration()))
    #expect(host.current == nil)
    #expect(try host.prepare(nil) == nil)
    host.replace(ProxyConfiguration(), first: first)
    #expect(host.current === first)
    #expect(try host.prepare(ProxyConfiguration()) == nil)
  }
}
