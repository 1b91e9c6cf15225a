import JSONDocument
import LinuxSystem
package import Logging
import StateFiles
import Synchronization

/// Saves in `state_dir` which routes are up and which are down, so that a restart neither repeats nor misses a notice.
package final class NotificationKeeper: Sendable {
  private let file: StateFile<SoundElements<SavedAvailability>>
  /// The revision that was written last; nil if it must be written again. Held during a write, so that writes do not
  /// overlap.
  private let revision = Mutex<Int?>(0)
  private let saveTimeout: Duration
  private let logger: Logger

  /// - Parameter saveTimeout: how long a hanging disk may delay a notice.
  package init(folder: String, saveTimeout: Duration = .seconds(5), logger: Logger) {
    file = StateFile(in: folder, name: "notifications", version: 1)
    (self.saveTimeout, self.logger) = (saveTimeout, logger)
  }

  func load() -> [SavedAvailability] {
    let (saved, problem) = file.load()
    if let problem { logger.warning("notification state not restored in full", metadata: ["error": "\(problem)"]) }
    return saved?.content.elements ?? []
  }

  /// Returns once the current state is on the disk, or the disk takes too long.
  ///
  /// - Parameter changes: the current state; nil if it has already been written.
  func save(_ changes: @escaping @Sendable (_ since: inout Int?) -> [SavedAvailability]?) async {
    await offPool(within: saveTimeout) { [self] in
      revision.withLock { revision in
        let wasWritten = revision != nil
        guard let saved = changes(&revision) else { return }
        do { try file.save(SoundElements(saved)) } catch {
          // Logged once, until saving works again.
          if wasWritten { logger.warning("notification state not saved", metadata: ["error": "\(error)"]) }
          revision = nil
        }
      }
    }
  }
}
