import JSONDocument
import LinuxSystem
package import Logging
import StateFiles
import Synchronization

/// Saves in `state_dir` which routes are up and which are down, so that a restart neither repeats nor misses a notice.
package final class NotificationKeeper: Sendable {
  /// How long a hanging disk may delay a notice.
  private static let patience = Duration.seconds(5)

  private let file: StateFile<SoundElements<SavedAvailability>>
  /// Of what was written last; nil if it is to be written again. Held while it is written: one write follows the other.
  private let revision = Mutex<Int?>(0)
  private let logger: Logger

  package init(folder: String, logger: Logger) {
    file = StateFile(in: folder, name: "notifications", version: 1)
    self.logger = logger
  }

  func load() -> [SavedAvailability] {
    let (saved, problem) = file.load()
    if let problem { logger.warning("notification state not restored in full", metadata: ["error": "\(problem)"]) }
    return saved?.content.elements ?? []
  }

  /// Returns once the current state is on the disk, or the disk takes too long.
  ///
  /// - Parameter changes: what is known; nil if that was written already.
  func save(_ changes: @escaping @Sendable (_ since: inout Int?) -> [SavedAvailability]?) async {
    await offPool(within: Self.patience) { [self] in
      revision.withLock { revision in
        let wasWritten = revision != nil
        guard let saved = changes(&revision) else { return }
        do { try file.save(SoundElements(saved)) } catch {
          // Once, until it can be saved again.
          if wasWritten { logger.warning("notification state not saved", metadata: ["error": "\(error)"]) }
          revision = nil
        }
      }
    }
  }
}
