import Logging
import ServiceLifecycle

/// Feeds systemd's watchdog (sd_watchdog_enabled(3)) as long as every part of the agent makes progress.
///
/// A part that does not respond stops the feeding: systemd then ends the agent with SIGABRT and restarts it.
struct Watchdog: Service {
  /// A part that can get stuck independently.
  struct Part: Sendable {
    var name: String
    /// Returns once the part has taken a turn; false if it exists but makes no progress.
    var responds: @Sendable () async -> Bool
  }

  /// The interval of messages to systemd: three within its time limit. Nil if it expects none.
  let interval: Duration?
  /// How long a part may take to respond; nil means the interval.
  var answerLimit: Duration? = nil
  let parts: [Part]
  let notify: @Sendable (String) -> Void
  let logger: Logger

  func run() async throws {
    guard let interval else { return try await gracefulShutdown() }
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if await allRespond(within: answerLimit ?? interval) { notify("WATCHDOG=1") }
        try? await Task.sleep(for: interval)
      }
    }
  }

  /// Waits for every part, and names the ones that are late.
  private func allRespond(within limit: Duration) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      for part in parts { group.addTask { await responds(part, within: limit) } }
      return await group.allSatisfy { $0 }
    }
  }

  private func responds(_ part: Part, within limit: Duration) async -> Bool {
    await withTaskGroup(of: Bool?.self) { group in
      group.addTask { await part.responds() }
      group.addTask {
        try? await Task.sleep(for: limit)
        return nil
      }
      if let answer = await group.next() ?? nil {
        group.cancelAll()
        return answer
      }
      if !Task.isCancelled { logger.error("a part of the agent does not respond", metadata: ["part": "\(part.name)"]) }
      // A late response feeds the watchdog again.
      return await group.next() == true
    }
  }
}

extension Watchdog {
  /// A third of systemd's time limit between two messages of this process, from `WATCHDOG_USEC` and `WATCHDOG_PID`.
  static func interval(environment: [String: String], processID: Int32) -> Duration? {
    guard let text = environment["WATCHDOG_USEC"], let microseconds = UInt32(text), microseconds > 0 else { return nil }
    if let process = environment["WATCHDOG_PID"], process != "\(processID)" { return nil }
    return .microseconds(Int(microseconds) / 3)
  }
}
