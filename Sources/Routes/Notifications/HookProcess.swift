import Glibc
import LinuxSystem
import Synchronization

/// A program that runs in a process group of its own, for a bounded time; of its output a bounded part is kept.
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
    /// Standard output and error as they came, cut off at the limit.
    var output: [UInt8] = []
  }

  /// How late an end may be seen that the pipe does not tell: the program closed it, or left it to another.
  private static let glance = Duration.milliseconds(50)

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

  /// Runs it to its end, on a thread outside the concurrency pool: the only one that waits for the process and kills it,
  /// so that no signal meets a process id that is somebody else's by then.
  func run() async -> Ended {
    await withTaskCancellationHandler {
      await offPool { self.runBlocking() }
    } onCancel: {
      isCancelled.store(true, ordering: .releasing)
    }
  }

  private func runBlocking() -> Ended {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return Ended(end: .notStarted(reason: String(cString: strerror(errno)))) }
    defer { close(ends[0]) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let (processID, code) = Self.spawn(arguments, environment: environment, output: ends[1])
    close(ends[1])
    guard code == 0 else { return Ended(end: .notStarted(reason: String(cString: strerror(code)))) }
    return supervise(processID, output: ends[0])
  }

  private func supervise(_ processID: pid_t, output descriptor: Int32) -> Ended {
    let deadline = ContinuousClock.now + timeout
    var (output, isOpen) = ([UInt8](), true)
    while true {
      Self.wait(for: isOpen ? descriptor : -1, atMost: min(Self.glance, max(.zero, deadline - .now)))
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

  /// Takes what is there; false once there will be nothing more.
  private func read(_ descriptor: Int32, into output: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    // Bounded, so that a program that never stops talking is still seen to end or to be late.
    for _ in 0..<256 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      output += buffer[..<count].prefix(outputLimit - output.count)
    }
    return true
  }

  /// Until something can be read from the descriptor, or its other end is closed; -1 only waits.
  private static func wait(for descriptor: Int32, atMost limit: Duration) {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&polled, 1, Int32(limit / .milliseconds(1)) + 1)
  }

  /// How it ended; nil while it runs.
  private static func reap(_ processID: pid_t) -> End? {
    var status: Int32 = 0
    guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
    // The macros of wait(2) do not come over into Swift.
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}
