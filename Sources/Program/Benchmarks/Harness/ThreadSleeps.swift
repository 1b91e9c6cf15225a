import FoundationEssentials

/// How often this thread gave the processor away to wait for something, as for a lock (proc(5)).
enum ThreadSleeps {
  struct Failure: Error, CustomStringConvertible {
    let count: Int?

    var description: String {
      count.map { "a lookup must never wait, and its thread slept \($0) times" }
        ?? "cannot read how often a thread slept: is there no /proc?"
    }
  }

  /// Nil where it cannot be read.
  static var count: Int? {
    guard let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
    return line?.split(separator: "\t").last.flatMap { Int($0) }
  }
}
