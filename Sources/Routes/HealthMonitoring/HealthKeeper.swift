package import Logging
import ServiceLifecycle
import StateFiles

/// Saves the histories of a monitor's routes in `state_dir`, periodically and at the end.
package struct HealthKeeper: Service {
  private static let interval = Duration.seconds(300)

  private let monitor: HealthMonitor
  private let file: ElementsFile<SavedHealth>

  package init(monitor: HealthMonitor, folder: String, logger: Logger) {
    self.monitor = monitor
    file = ElementsFile(in: folder, name: "health", version: 1, subject: "health history", logger: logger)
  }

  /// Loads the saved histories into the monitor; call it before the first route is watched.
  package func load() { monitor.restore(file.load()) }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.interval)) != nil { await save() }
    }
    await save()
  }

  private func save() async { await file.save(monitor.saved()) }
}
