import TestSupport
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct SystemdWatchdogTests {
  /// A cluster that never answers and a proxy do not make the agent appear stuck.
  @Test func isFedByARunningAgent() async throws {
    let folder = try TemporaryDirectory()
    let notices = try NotifySocket(in: folder)
    let pve = try await FakePVE.start(lxc: 1, vms: 0)
    try await pve.control(["op": "hang"])
    var files = try AgentFiles(clusters: [pve.entry()])
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let agent = try await RunningAgent.start(
      files, environment: ["NOTIFY_SOCKET": notices.path, "WATCHDOG_USEC": "300000", "WATCHDOG_PID": nil])
    var messages: [String] = []
    try await eventually("systemd is notified; it was told \(messages)") {
      while let message = notices.next() { messages.append(message) }
      return messages.count { $0 == "WATCHDOG=1" } >= 3 && messages.contains("READY=1") ? () : nil
    }
    #expect(try await agent.stop() == .code(0))
  }
}
