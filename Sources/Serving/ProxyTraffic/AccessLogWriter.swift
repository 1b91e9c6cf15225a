import Logging

/// Writes the lines out. Lives on the log's own queue, so that a slow disk makes nobody wait.
struct AccessLogWriter: ~Copyable {
  private var file: AccessLogFile
  private let format: AccessLogConfiguration.Format
  private let logger: Logger
  /// The failure that was told last, so that a full disk is told once.
  private var told: String?
  /// What the file does not know of yet.
  private var lost = 0
  /// What the agent's log does not know of yet, and when it may.
  private var untold = 0
  private var nextTelling = ContinuousClock.now

  init(_ configuration: AccessLogConfiguration, logger: Logger) {
    file = AccessLogFile(path: configuration.path)
    format = configuration.format
    self.logger = logger
  }

  /// How many of the lines were lost here.
  mutating func write(_ backlog: borrowing LogBacklog, anew: Bool) -> Int {
    lost += backlog.dropped
    tellDropped(backlog.dropped)
    do throws(AccessLogFile.Failure) {
      try file.follow(anew: anew)
      try tellLost()
      try file.write(backlog.bytes)
      if told != nil { logger.notice("the access log is written again") }
      told = nil
      return 0
    } catch {
      tell(error)
      let missing = backlog.bytes[error.written...].count { $0 == UInt8(ascii: "\n") }
      lost += missing
      return missing
    }
  }

  /// Leaves a remark in the file where lines are missing.
  private mutating func tellLost() throws(AccessLogFile.Failure) {
    guard lost > 0 else { return }
    let remark: AccessLine = format == .json ? .json(dropped: lost) : .combined(dropped: lost)
    do throws(AccessLogFile.Failure) { try file.write(remark.bytes) } catch {
      throw AccessLogFile.Failure(path: error.path, action: error.action, code: error.code)
    }
    lost = 0
  }

  /// At most every ten seconds, as a disk that is too slow is so at every write.
  private mutating func tellDropped(_ records: Int) {
    untold += records
    guard untold > 0, nextTelling <= .now else { return }
    logger.warning("access log records dropped: the disk is too slow", metadata: ["records": "\(untold)"])
    (untold, nextTelling) = (0, .now + .seconds(10))
  }

  private mutating func tell(_ failure: AccessLogFile.Failure) {
    let text = failure.description
    guard told != text else { return }
    told = text
    logger.error("\(text)")
  }
}
