import Logging
import ServiceLifecycle

/// Feeds systemd's watchdog (sd_watchdog_enabled(3)) while every part that works in turns still takes them.
///
/// A part that does not respond stops the feeding: systemd then ends the agent with SIGABRT and starts it again.
struct Watchdog: Service {
  /// Something that can get stuck by itself.
  struct Part: Sendable {
    var name: String
    /// Returns once the part has taken a turn: false if it is there but makes no progress.
    var responds: @Sendable () async -> Bool
  }

  /// How often systemd is fed: three times within the time after which it acts. Nil if it expects nothing.
  let interval: Duration?
  let parts: [Part]
  let notify: @Sendable (String) -> Void
  let logger: Logger

  func run() async throws {
    guard let interval else { return try await gracefulShutdown() }
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if await allRespond(within: interval) { notify("WATCHDOG=1") }
        try? await Task.sleep(for: interval)
      }
    }
  }

  /// Waits for every part, and names the ones that keep it waiting.
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
      // A late answer feeds the watchdog again.
      return await group.next() == true
    }
  }
}

extension Watchdog {
  /// A third of the time that systemd allows this process between two messages, by `WATCHDOG_USEC` and `WATCHDOG_PID`.
  static func interval(environment: [String: String], processID: Int32) -> Duration? {
    guard let text = environment["WATCHDOG_USEC"], let microseconds = UInt32(text), microseconds > 0 else { return nil }
    if let process = environment["WATCHDOG_PID"], process != "\(processID)" { return nil }
    return .microseconds(Int(microseconds) / 3)
  }
}
