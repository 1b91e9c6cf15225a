import LinuxSystem
package import Logging
import ServiceLifecycle
import StateFiles

/// Keeps in `state_dir` which routes were up and which were down, so that a restart repeats no news and misses none.
package struct NotificationKeeper: Service {
  private static let interval = Duration.seconds(10)

  private let notifier: Notifier
  private let file: StateFile<[SavedAvailability]>
  private let logger: Logger

  package init(notifier: Notifier, folder: String, logger: Logger) {
    self.notifier = notifier
    file = StateFile(in: folder, name: "notifications", version: 1)
    self.logger = logger
  }

  /// Hands what was saved to the notifier; call it before the first observation.
  package func load() {
    do {
      if let saved = try file.load() { notifier.restore(saved.content) }
    } catch {
      logger.warning("what was up and down before is not known", metadata: ["error": "\(error)"])
    }
  }

  package func run() async throws {
    var revision = await cancelWhenGracefulShutdown {
      var revision = 0
      while (try? await Task.sleep(for: Self.interval)) != nil { await self.saveChanges(since: &revision) }
      return revision
    }
    await saveChanges(since: &revision)
  }

  private func saveChanges(since revision: inout Int) async {
    guard let saved = notifier.saved(since: &revision) else { return }
    do { try await offPool { () throws(StateFileError) in try file.save(saved) } } catch {
      logger.warning("what is up and down is not saved", metadata: ["error": "\(error)"])
    }
  }
}
