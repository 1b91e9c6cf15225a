import Glibc
import LinuxSystem
import Synchronization

/// A program that runs in its own process group for a bounded time; a bounded part of its output is kept.
final class HookProcess: Sendable {
  enum End: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    case cancelled
    case notStarted(reason: String)
  }

  struct Ended: Sendable {
    var end: End
    /// Standard output and error, interleaved and cut off at the limit.
    var output: [UInt8] = []
  }

  /// How often the process is checked for an exit that the pipe does not show, because the program closed its output or
  /// passed it on to another process.
  private static let pollInterval = Duration.milliseconds(50)

  private let arguments: [String]
  private let environment: [String: String]
  private let timeout: Duration
  private let outputLimit: Int
  private let isCancelled = Atomic(false)

  init(arguments: [String], environment: [String: String], timeout: Duration, outputLimit: Int) {
    self.arguments = arguments
    self.environment = environment
    self.timeout = timeout
    self.outputLimit = outputLimit
  }

  /// Runs the program to its end on a thread outside the concurrency pool. Only this thread waits for the process and
  /// kills it, so no signal can reach a process ID that has been reused.
  func run() async -> Ended {
    await withTaskCancellationHandler {
      await offPool { self.runBlocking() }
    } onCancel: {
      isCancelled.store(true, ordering: .releasing)
    }
  }

  private func runBlocking() -> Ended {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return Ended(end: .notStarted(reason: SystemError.text(errno))) }
    defer { close(ends[0]) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let (processID, code) = Self.spawn(arguments, environment: environment, output: ends[1])
    close(ends[1])
    guard code == 0 else { return Ended(end: .notStarted(reason: SystemError.text(code))) }
    return supervise(processID, output: ends[0])
  }

  private func supervise(_ processID: pid_t, output descriptor: Int32) -> Ended {
    let deadline = ContinuousClock.now + timeout
    var (output, isOpen) = ([UInt8](), true)
    while true {
      Self.wait(for: isOpen ? descriptor : -1, atMost: min(Self.pollInterval, max(.zero, deadline - .now)))
      if isOpen { isOpen = read(descriptor, into: &output) }
      if let end = Self.reap(processID) {
        if isOpen { _ = read(descriptor, into: &output) }
        return Ended(end: end, output: output)
      }
      let isLate = ContinuousClock.now >= deadline
      guard isLate || isCancelled.load(ordering: .acquiring) else { continue }
      kill(-processID, SIGKILL)
      waitpid(processID, nil, 0)
      return Ended(end: isLate ? .timedOut : .cancelled, output: output)
    }
  }

  /// Reads what is available; returns false at the end of the output.
  private func read(_ descriptor: Int32, into output: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    // Bounded, so that a program that never stops printing is still checked for its exit and its timeout.
    for _ in 0..<256 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      output += buffer[..<count].prefix(outputLimit - output.count)
    }
    return true
  }

  /// Waits until the descriptor is readable or its other end is closed; with descriptor -1, only waits.
  private static func wait(for descriptor: Int32, atMost limit: Duration) {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&polled, 1, Int32(limit / .milliseconds(1)) + 1)
  }

  /// Returns how the process ended; nil while it runs.
  private static func reap(_ processID: pid_t) -> End? {
    var status: Int32 = 0
    guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
    // Swift does not import the macros of wait(2).
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}
