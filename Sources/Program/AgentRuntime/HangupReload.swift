import ServiceLifecycle
import UnixSignals

/// Reloads on SIGHUP.
struct HangupReload: Service {
  let hangups: UnixSignalsSequence
  let reloading: Reloading
  let systemd: SystemdNotifier

  func run() async throws {
    for await _ in hangups.cancelOnGracefulShutdown() {
      systemd.notify("RELOADING=1")
      _ = await reloading.reload()
      systemd.notify("READY=1")
    }
  }
}
