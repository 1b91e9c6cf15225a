import JSONDocument
import LinuxSystem
package import Logging
import ServiceLifecycle
import StateFiles

/// Saves the routes' links in `state_dir`, so that a lost link is still known to be lost after a restart.
package struct LinkKeeper: Service {
  /// Changes within this time are written together.
  private static let pause = Duration.seconds(1)

  private let reconciler: Reconciler
  private let file: StateFile<SoundElements<SavedLink>>
  private let logger: Logger

  package init(reconciler: Reconciler, folder: String, logger: Logger) {
    self.reconciler = reconciler
    file = Self.file(in: folder)
    self.logger = logger
  }

  static func file(in folder: String, keepsDamaged: Bool = true) -> StateFile<SoundElements<SavedLink>> {
    StateFile(in: folder, name: "links", version: 1, keepsDamaged: keepsDamaged)
  }

  /// Passes the saved links to the reconciler; call it before the first route is declared.
  package func load() async {
    let (saved, problem) = file.load()
    if let problem { logger.warning("links not restored in full", metadata: ["error": "\(problem)"]) }
    if let saved { await reconciler.restore(saved.content.elements) }
  }

  package func run() async throws {
    var saved: [SavedLink]?
    for await _ in reconciler.linkChanges.cancelOnGracefulShutdown() {
      await save(&saved)
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
    }
    await save(&saved)
  }

  private func save(_ last: inout [SavedLink]?) async {
    let links = await reconciler.savedLinks
    guard links != last else { return }
    last = links
    do { try await offPool { [file] () throws(StateFileError) in try file.save(SoundElements(links)) } } catch {
      logger.warning("links not saved", metadata: ["error": "\(error)"])
    }
  }
}
