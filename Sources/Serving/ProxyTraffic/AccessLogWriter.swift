import Logging

/// Writes the lines to the file. Runs on the log's own queue, so that a slow disk delays no request.
struct AccessLogWriter: ~Copyable {
  private var file: AccessLogFile
  private let format: AccessLogConfiguration.Format
  private let logger: Logger
  /// The last failure that was logged, so that a full disk is logged once.
  private var lastFailure: String?
  /// The number of lost records that the file does not mention yet.
  private var lost = 0
  /// The number of lost records that the agent's log does not mention yet, and when it may.
  private var unreported = 0
  private var nextReport = ContinuousClock.now

  init(_ configuration: AccessLogConfiguration, logger: Logger) {
    file = AccessLogFile(path: configuration.path)
    format = configuration.format
    self.logger = logger
  }

  /// Returns how many of the lines were lost here.
  mutating func write(_ backlog: borrowing LogBacklog, reopening: Bool) -> Int {
    lost += backlog.dropped
    logDropped(backlog.dropped)
    do throws(AccessLogFile.Failure) {
      try file.reopenIfMoved(always: reopening)
      try markLoss()
      try file.write(backlog.bytes)
      if lastFailure != nil { logger.notice("access log is written again") }
      lastFailure = nil
      return 0
    } catch {
      logFailure(error)
      let missing = backlog.bytes[error.written...].count { $0 == UInt8(ascii: "\n") }
      lost += missing
      return missing
    }
  }

  /// Writes a comment into the file where lines are missing.
  private mutating func markLoss() throws(AccessLogFile.Failure) {
    guard lost > 0 else { return }
    let remark: AccessLine = format == .json ? .json(dropped: lost) : .combined(dropped: lost)
    do throws(AccessLogFile.Failure) { try file.write(remark.bytes) } catch {
      throw AccessLogFile.Failure(path: error.path, action: error.action, code: error.code)
    }
    lost = 0
  }

  /// At most every ten seconds, because a disk that is too slow fails at every write.
  private mutating func logDropped(_ records: Int) {
    unreported += records
    guard unreported > 0, nextReport <= .now else { return }
    logger.warning("access log records dropped: the disk is too slow", metadata: ["records": "\(unreported)"])
    (unreported, nextReport) = (0, .now + .seconds(10))
  }

  private mutating func logFailure(_ failure: AccessLogFile.Failure) {
    let text = failure.description
    guard lastFailure != text else { return }
    lastFailure = text
    logger.error("\(text)")
  }
}
