import Dispatch
import LinuxSystem
package import Logging
import ServiceLifecycle
import Synchronization

/// The access log: a line for each request, in a file that rotation may move away at any time.
///
/// Whoever logs formats a line and copies it into a buffer of 1 MiB; a queue of its own writes that out every second,
/// when the buffer is half full, and at the end. Nobody waits for the disk: what finds no room is dropped, counted, and
/// told in both logs.
package final class AccessLog: Service {
  private enum Mode: UInt8, AtomicRepresentable {
    case off, combined, json

    init(_ configuration: AccessLogConfiguration?) {
      switch configuration?.format {
      case .combined: self = .combined
      case .json: self = .json
      case nil: self = .off
      }
    }
  }

  private struct Output: ~Copyable {
    var writer: AccessLogWriter?
    private(set) var configuration: AccessLogConfiguration?
    private var spare: [UInt8] = []

    /// Moved out, so that it has one owner and keeps its room.
    mutating func takeSpare() -> [UInt8] {
      defer { spare = [] }
      return spare
    }

    mutating func keep(_ storage: [UInt8]) { spare = storage }

    init(_ configuration: AccessLogConfiguration?, _ logger: Logger) { put(configuration, logger) }

    mutating func put(_ configuration: AccessLogConfiguration?, _ logger: Logger) {
      self.configuration = configuration
      if let configuration { writer = AccessLogWriter(configuration, logger: logger) } else { writer = nil }
    }
  }

  /// How long a stop waits for a disk that hangs.
  private static let patience = DispatchTimeInterval.seconds(5)

  private let mode: Atomic<Mode>
  private let backlog = Mutex(LogBacklog())
  private let lost = Atomic(0)
  private let queue = DispatchQueue(label: "pvescout.access-log")
  /// Touched on the queue alone.
  private let output: Mutex<Output>
  private let logger: Logger

  /// Nil leaves the log off until ``replace(_:)``.
  package init(_ configuration: AccessLogConfiguration?, logger: Logger) {
    self.logger = logger
    mode = Atomic(Mode(configuration))
    output = Mutex(Output(configuration, logger))
  }

  /// Whether anybody wants records: one relaxed load.
  package var isOn: Bool { mode.load(ordering: .relaxed) != .off }

  /// How many records were lost since the start, for want of a disk that is fast enough, or has room.
  package var dropped: Int { lost.load(ordering: .relaxed) }

  /// Never blocks; does nothing while the log is off.
  package func log(_ record: AccessRecord) {
    let line: AccessLine
    switch mode.load(ordering: .relaxed) {
    case .off: return
    case .combined: line = .combined(record)
    case .json: line = .json(record)
    }
    switch backlog.withLock({ $0.add(line) }) {
    case .taken: break
    case .drainIsDue: queue.async { self.drain() }
    case .dropped: lost.add(1, ordering: .relaxed)
    }
  }

  /// Opens the file anew, as after a rotation. Within a second the log finds out by itself where its file was moved.
  package func reopen() { queue.async { self.drain(anew: true) } }

  /// Goes on in another file or form, or not at all; in the same one it is opened anew.
  package func replace(_ configuration: AccessLogConfiguration?) {
    mode.store(Mode(configuration), ordering: .relaxed)
    queue.async { [self] in
      guard output.withLock({ $0.configuration != configuration }) else { return drain(anew: true) }
      drain()
      output.withLock { $0.put(configuration, logger) }
    }
  }

  /// Writes until it is shut down, and then what is left; begin it before what logs, so that it ends after it.
  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        if backlog.withLock({ $0.claimDrain() }) { queue.async { self.drain() } }
        try? await Task.sleep(for: .seconds(1))
      }
    }
    await flush()
  }

  /// Returns when all is written that was logged before, or the disk hangs.
  func flush() async {
    // Also where the task was cancelled.
    _ = await offPool {
      let drain = DispatchWorkItem { self.drain() }
      self.queue.async(execute: drain)
      return drain.wait(timeout: .now() + Self.patience)
    }
  }

  private func drain(anew: Bool = false) {
    output.withLock { output in
      let taken = backlog.withLock { $0.take(leaving: output.takeSpare()) }
      let missing = output.writer?.write(taken, anew: anew) ?? 0
      lost.add(missing, ordering: .relaxed)
      output.keep(taken.bytes)
    }
  }
}
