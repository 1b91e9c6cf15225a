import LinuxSystem
package import Logging
import ServiceLifecycle
import StateFiles

/// Keeps in `state_dir` what the routes are linked to, so that a link that is lost stays so over restarts.
package struct LinkKeeper: Service {
  /// Changes that come together are written together.
  private static let pause = Duration.seconds(1)

  private let reconciler: Reconciler
  private let file: StateFile<[SavedLink]>
  private let logger: Logger

  package init(reconciler: Reconciler, folder: String, logger: Logger) {
    self.reconciler = reconciler
    file = Self.file(in: folder)
    self.logger = logger
  }

  static func file(in folder: String) -> StateFile<[SavedLink]> { StateFile(in: folder, name: "links", version: 1) }

  /// Hands what was saved to the reconciler; call it before the first route is declared.
  package func load() async {
    do {
      if let saved = try file.load() { await reconciler.restore(saved.content) }
    } catch {
      logger.warning("former links are not known", metadata: ["error": "\(error)"])
    }
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
    do { try await offPool { [file] () throws(StateFileError) in try file.save(links) } } catch {
      logger.warning("links are not saved", metadata: ["error": "\(error)"])
    }
  }
}
