import JSONDocument
import LinuxSystem
package import Logging
import ServiceLifecycle
import StateFiles

/// Saves the histories of a monitor's routes in `state_dir`, periodically and at the end.
package struct HealthKeeper: Service {
  private static let interval = Duration.seconds(300)

  private let monitor: HealthMonitor
  private let file: StateFile<SoundElements<SavedHealth>>
  private let logger: Logger

  package init(monitor: HealthMonitor, folder: String, logger: Logger) {
    self.monitor = monitor
    file = StateFile(in: folder, name: "health", version: 1)
    self.logger = logger
  }

  /// Loads the saved histories into the monitor; call it before the first route is watched.
  package func load() {
    let (saved, problem) = file.load()
    if let problem { logger.warning("health history not restored in full", metadata: ["error": "\(problem)"]) }
    if let saved { monitor.restore(saved.content.elements) }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.interval)) != nil { await save() }
    }
    await save()
  }

  private func save() async {
    let saved = SoundElements(monitor.saved())
    do { try await offPool { () throws(StateFileError) in try file.save(saved) } } catch {
      logger.warning("health history not saved", metadata: ["error": "\(error)"])
    }
  }
}
