import LinuxSystem
package import Logging
import StateFiles
import Synchronization

/// Saves in `state_dir` which routes are up and which are down, so that a restart neither repeats nor misses a notice.
package final class NotificationKeeper: Sendable {
  private let file: ElementsFile<SavedAvailability>
  /// The revision that was written last; nil if it must be written again. Held during a write, so that writes do not
  /// overlap.
  private let revision = Mutex<Int?>(0)
  private let saveTimeout: Duration

  /// - Parameter saveTimeout: how long a hanging disk may delay a notice.
  package init(folder: String, saveTimeout: Duration = .seconds(5), logger: Logger) {
    file = ElementsFile(in: folder, name: "notifications", version: 1, subject: "notification state", logger: logger)
    self.saveTimeout = saveTimeout
  }

  func load() -> [SavedAvailability] { file.load() }

  /// Returns once the current state is on the disk, or the disk takes too long.
  ///
  /// - Parameter changes: the current state; nil if it has already been written.
  func save(_ changes: @escaping @Sendable (_ since: inout Int?) -> [SavedAvailability]?) async {
    await offPool(within: saveTimeout) { [self] in
      revision.withLock { revision in
        let wasWritten = revision != nil
        guard let saved = changes(&revision) else { return }
        // A failure is logged once, until saving works again.
        if !file.saveNow(saved, logsFailure: wasWritten) { revision = nil }
      }
    }
  }
}
