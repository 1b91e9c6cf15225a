import LinuxSystem
import ServiceLifecycle

/// Reports changes of files by polling their fingerprints. This also works for bind mounts, network file systems and
/// files replaced by rename, where inotify is unreliable.
package struct FileWatcher: Service {
  private let interval: Duration
  private let fingerprint: @Sendable () -> [String]
  private let onChange: @Sendable () async -> Void
  private let known: [String]

  /// - Parameter known: the fingerprints from before the files were loaded, so that no change is missed; nil for the
  ///   current ones.
  ///
  /// `onChange` is called once for each change that has been stable for one `interval`, never concurrently.
  package init(
    interval: Duration = .seconds(1), known: [String]? = nil, fingerprint: @escaping @Sendable () -> [String],
    onChange: @escaping @Sendable () async -> Void
  ) {
    (self.interval, self.fingerprint, self.onChange) = (interval, fingerprint, onChange)
    self.known = known ?? fingerprint()
  }

  /// Watches until it is shut down or cancelled.
  package func run() async {
    let watch: @Sendable () async throws -> Void = {
      var change = FingerprintChange(known: known)
      while true {
        try await Task.sleep(for: interval)
        if change.record(await offPool(fingerprint)) { await onChange() }
      }
    }
    // The only error is the cancellation that ends the watch.
    try? await cancelWhenGracefulShutdown(watch)
  }
}
