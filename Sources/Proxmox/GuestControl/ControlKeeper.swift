package import Logging
import ServiceLifecycle
import StateFiles

/// Saves in `state_dir` the starts and stops of guests, so that a restart neither forgets nor repeats them.
package struct ControlKeeper: Service {
  private static let interval = Duration.seconds(2)
  /// Idle clocks run on all the time.
  private static let intervalOfClocks = Duration.seconds(300)

  private let controller: GuestController
  private let file: ElementsFile<SavedControl>

  package init(controller: GuestController, folder: String, logger: Logger) {
    self.controller = controller
    file = ElementsFile(
      in: folder, name: "control", version: 1, subject: "starts and stops of guests", logger: logger)
  }

  /// Restores the saved state into the controller; call it before the first route is declared.
  package func load() async { await controller.restore(file.load()) }

  package func run() async throws {
    let (checks, check) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withDiscardingTaskGroup { group in
      // What was done is saved at once: the agent may be killed.
      group.addTask { for await _ in controller.savings.cancelOnGracefulShutdown() { check.yield() } }
      group.addTask {
        await cancelWhenGracefulShutdown { while (try? await Task.sleep(for: Self.interval)) != nil { check.yield() } }
      }
      var (last, lastTime) = ([SavedControl](), ContinuousClock.now)
      for await _ in checks.cancelOnGracefulShutdown() {
        let saved = await controller.saved
        let isOther = saved.map(\.withoutClock) != last.map(\.withoutClock)
        let isDue = saved != last && lastTime.duration(to: .now) >= Self.intervalOfClocks
        guard isOther || isDue || SavedControl.hasBeenUsed(saved, since: last) else { continue }
        await file.save(saved)
        (last, lastTime) = (saved, .now)
      }
      group.cancelAll()
    }
    await file.save(await controller.saved)
  }
}
