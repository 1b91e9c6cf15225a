import ServiceLifecycle
import UnixSignals

/// SIGHUP reloads.
struct HangupReload: Service {
  let reloading: Reloading
  let systemd: SystemdNotifier

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      systemd.notify("RELOADING=1")
      _ = await reloading.reload()
      systemd.notify("READY=1")
    }
  }
}
