import HTTPTransport
import Logging
import PeerTrust
import RouteModel
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct HealthMonitorTests {
  private let quick = HealthCheck(interval: .milliseconds(30), timeout: .seconds(60), unhealthyAfter: 4)

  @Test func followsATargetThatDiesAndComesBack() async throws {
    let server = try await UpstreamServer()
    let monitor = HealthMonitor(client: HTTPClient(), logger: quiet)
    var check = quick
    check.healthyAfter = 3
    let route = try MonitoredRoute.sample(target: server.host, port: server.port, check: check)

    try await running(monitor) {
      monitor.watch([route])
      var changes = monitor.changes.makeAsyncIterator()
      #expect(await changes.next()?.after.status == .healthy)
      #expect(server.requests.count >= 3)
      #expect(route.cell.report.detail == "200 OK")

      try await server.stop()
      var statuses: [HealthStatus] = []
      while statuses.last != .unhealthy, let change = await changes.next() { statuses.append(change.after.status) }
      #expect(statuses == [.healthy, .healthy, .healthy, .unhealthy])
      try await eventually("it is refused; the cause is \(route.cell.report.cause ?? "none")") {
        route.cell.report.cause == "connection refused on \(server.host):\(server.port)" ? true : nil
      }

      let seen = server.requests.count
      try await server.start()
      while let change = await changes.next(), change.after.status != .healthy {}
      #expect(server.requests.count >= seen + 3)
      #expect(route.cell.report.cause == nil)
    }
  }

  @Test func delaysNoRouteForOneThatHangs() async throws {
    let prober = ScriptedProber()
    let monitor = HealthMonitor(prober: prober, logger: quiet)
    prober.answer("127.9.0.2", .ok)
    let slow = try MonitoredRoute.sample("slow", target: "127.9.0.1", check: quick)
    let fast = try MonitoredRoute.sample("fast", target: "127.9.0.2", check: quick)

    try await running(monitor) {
      monitor.watch([slow, fast])
      try await eventually("the other route is probed on") { prober.asked("127.9.0.2") > 10 ? true : nil }
      #expect(prober.asked("127.9.0.1") == 1)
      #expect(slow.cell.report.status == .unknown)
      prober.answer("127.9.0.1", .ok)
      try await eventually("its own result counts too") { slow.cell.report.status == .healthy ? true : nil }
    }
  }

  @Test func dropsTheResultOfAFormerTarget() async throws {
    let prober = ScriptedProber()
    let monitor = HealthMonitor(prober: prober, logger: quiet)
    let cell = HealthCell(.unknown("not checked yet"))

    try await running(monitor) {
      monitor.watch([try .sample(target: "127.9.0.1", check: quick, cell: cell)])
      try await eventually("the first target is asked") { prober.asked("127.9.0.1") == 1 ? true : nil }
      monitor.watch([try .sample(target: "127.9.0.2", check: quick, cell: cell)])
      try await eventually("the second one too") { prober.asked("127.9.0.2") == 1 ? true : nil }
      prober.answer("127.9.0.1", .ok)
      prober.answer("127.9.0.2", .refused)
      try await eventually("it failed") { cell.report.status == .unhealthy ? true : nil }
      var statuses: [HealthStatus] = []
      for await change in monitor.changes {
        statuses.append(change.after.status)
        if change.after.status == .unhealthy { break }
      }
      #expect(statuses == [.unknown, .unknown, .unknown, .unhealthy])
    }
  }

  @Test func probesEachRouteUnderItsTrust() async throws {
    let certificate = try TestCertificate()
    let server = try await UpstreamServer(certificate: certificate)
    let pin = try #require(CertificateFingerprint(certificate.fingerprint))
    let monitor = HealthMonitor(client: HTTPClient(), logger: quiet)
    let routes = try [("pinned", TrustPolicy.fingerprints([pin])), ("strange", .systemRoots), ("any", .insecure)]
      .map { name, trust in
        try MonitoredRoute.sample(
          name, target: server.host, port: server.port, scheme: .https,
          check: HealthCheck(interval: .milliseconds(30), timeout: .seconds(60), unhealthyAfter: 1), trust: trust)
      }
    try await running(monitor) {
      monitor.watch(routes)
      try await eventually("all three were probed") {
        routes.allSatisfy { $0.cell.report.lastChecked != nil } ? true : nil
      }
      #expect(routes.map(\.cell.report.status) == [.healthy, .unhealthy, .healthy])
      #expect(routes[1].cell.report.cause?.hasPrefix("certificate not trusted: ") == true)
      var trusted = routes[1]
      trusted.trust = .fingerprints([pin])
      monitor.update([trusted])
      try await eventually("the new trust is used") { routes[1].cell.report.status == .healthy ? true : nil }
    }
  }

  /// It serves as many clients as it can: a probe would wait without a result.
  @Test func doesNotProbeABusyUpstream() async throws {
    let prober = ScriptedProber()
    let isBusy = Mutex(true)
    let (asked, ask) = AsyncStream.makeStream(of: Void.self)
    let busy = HealthMonitor(
      prober: prober,
      isBusy: { _ in
        ask.yield()
        return isBusy.withLock { $0 }
      }, logger: quiet)
    let cell = HealthCell(.unknown("not checked yet"))
    try await running(busy) {
      busy.watch([try .sample(target: "127.9.0.1", check: quick, cell: cell)])
      var turns = asked.makeAsyncIterator()
      for _ in 0..<3 { await turns.next() }
      #expect(prober.asked("127.9.0.1") == 0 && cell.report.status == .unknown)
      isBusy.withLock { $0 = false }
      try await eventually("it is asked") { prober.asked("127.9.0.1") == 1 ? true : nil }
      prober.answer("127.9.0.1", .ok)
      try await eventually("it is healthy") { cell.report.status == .healthy ? true : nil }
    }
  }

  @Test func probesAnUpstreamThatIsBusyForTooLong() async throws {
    let prober = ScriptedProber()
    let monitor = HealthMonitor(prober: prober, isBusy: { _ in true }, logger: quiet)
    let cell = HealthCell(.unknown("not checked yet"))
    let job = ProbeJob(
      route: try .named("plex"), ticket: 1, target: try #require(ProbeTarget(.sample(cell: cell))),
      memory: ProbeMemory(), isOverdue: true)
    let probe = monitor.start(job)
    try await eventually("it is asked") { prober.asked("127.9.0.1") == 1 ? true : nil }
    prober.answer("127.9.0.1", .refused)
    #expect(await probe.value.outcome == .refused)
  }

  @Test func endsWithTheServiceGroupAndFinishesItsChanges() async throws {
    let monitor = HealthMonitor(prober: ScriptedProber(), logger: quiet)
    monitor.watch([try .sample()])
    let group = ServiceGroup(services: [monitor], logger: quiet)
    async let ended: Void = group.run()
    await group.triggerGracefulShutdown()
    try await ended
    for await change in monitor.changes { Issue.record("\(change)") }
  }

  private var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  private func running(_ monitor: HealthMonitor, _ body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await monitor.run() }
      try await body()
      group.cancelAll()
    }
  }
}
