import JSONDocument
package import Logging
import ServiceLifecycle
import StateFiles

/// Saves the routes' links in `state_dir`, so that a lost link is still known to be lost after a restart.
package struct LinkKeeper: Service {
  private static let name = "links"
  private static let version = 1
  /// Changes within this time are written together.
  private static let pause = Duration.seconds(1)

  private let reconciler: Reconciler
  private let file: ElementsFile<SavedLink>

  package init(reconciler: Reconciler, folder: String, logger: Logger) {
    self.reconciler = reconciler
    file = ElementsFile(in: folder, name: Self.name, version: Self.version, subject: "links", logger: logger)
  }

  /// The links in a folder whose files another process keeps.
  static func savedLinks(in folder: String) -> [SavedLink] {
    let file = StateFile<SoundElements<SavedLink>>(in: folder, name: name, version: version, keepsDamaged: false)
    return file.load().saved?.content.elements ?? []
  }

  /// Passes the saved links to the reconciler; call it before the first route is declared.
  package func load() async { await reconciler.restore(file.load()) }

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
    await file.save(links)
  }
}
