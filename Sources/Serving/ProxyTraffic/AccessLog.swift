import Dispatch
import LinuxSystem
package import Logging
import ServiceLifecycle
import Synchronization

/// The access log: a line for each request, in a file that log rotation may move away at any time.
///
/// ``log(_:)`` formats a line and copies it into a buffer of 1 MiB. The log's own queue writes the buffer every second,
/// when it is half full, and at the end, so that no request waits for the disk. A record that does not fit is dropped,
/// counted, and reported in both logs.
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

    /// Removes and returns the spare buffer: with one owner, it keeps its capacity.
    mutating func removeSpare() -> [UInt8] {
      defer { spare = [] }
      return spare
    }

    mutating func keep(_ storage: [UInt8]) { spare = storage }

    init(_ configuration: AccessLogConfiguration?, _ logger: Logger) { install(configuration, logger) }

    mutating func install(_ configuration: AccessLogConfiguration?, _ logger: Logger) {
      self.configuration = configuration
      if let configuration { writer = AccessLogWriter(configuration, logger: logger) } else { writer = nil }
    }
  }

  /// How long a stop waits for a disk that hangs.
  private static let flushTimeout = DispatchTimeInterval.seconds(5)

  private let mode: Atomic<Mode>
  private let backlog = Mutex(LogBacklog())
  private let lost = Atomic(0)
  private let queue = DispatchQueue(label: "pvescout.access-log")
  /// Accessed only on the queue.
  private let output: Mutex<Output>
  private let logger: Logger

  /// Nil leaves the log off until ``replace(_:)``.
  package init(_ configuration: AccessLogConfiguration?, logger: Logger) {
    self.logger = logger
    mode = Atomic(Mode(configuration))
    output = Mutex(Output(configuration, logger))
  }

  /// Whether records are written: one relaxed load.
  package var isOn: Bool { mode.load(ordering: .relaxed) != .off }

  /// The number of records lost since the start because the disk was too slow or full.
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
    case .added: break
    case .drainIsDue: queue.async { self.drain() }
    case .dropped: lost.add(1, ordering: .relaxed)
    }
  }

  /// Opens the file again after a rotation. The log also detects a moved file within a second.
  package func reopen() { queue.async { self.drain(reopening: true) } }

  /// Continues in another file or format, or stops for nil. The same file is opened again.
  package func replace(_ configuration: AccessLogConfiguration?) {
    mode.store(Mode(configuration), ordering: .relaxed)
    queue.async { [self] in
      guard output.withLock({ $0.configuration != configuration }) else { return drain(reopening: true) }
      drain()
      output.withLock { $0.install(configuration, logger) }
    }
  }

  /// Writes until it is shut down, and then the rest. Start it before the services that log, so that it ends after
  /// them.
  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        if backlog.withLock({ $0.claimDrain() }) { queue.async { self.drain() } }
        try? await Task.sleep(for: .seconds(1))
      }
    }
    await flush()
  }

  /// Returns once everything logged before is written, or the disk hangs.
  func flush() async {
    // Also if the task was cancelled.
    _ = await offPool {
      let drain = DispatchWorkItem { self.drain() }
      self.queue.async(execute: drain)
      return drain.wait(timeout: .now() + Self.flushTimeout)
    }
  }

  private func drain(reopening: Bool = false) {
    output.withLock { output in
      let lines = backlog.withLock { $0.removeAll(reusing: output.removeSpare()) }
      let missing = output.writer?.write(lines, reopening: reopening) ?? 0
      lost.add(missing, ordering: .relaxed)
      output.keep(lines.bytes)
    }
  }
}

/// `proxy.access_log`: the file and format of the access log.
package struct AccessLogConfiguration: Hashable, Sendable {
  package enum Format: String, Sendable, CaseIterable { case combined, json }

  /// A file, appended to, or `-` for standard output.
  package var path: String
  package var format = Format.combined

  package init(path: String) { self.path = path }
}
