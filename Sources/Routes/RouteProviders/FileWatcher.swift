import Glibc
import LinuxSystem
import ServiceLifecycle

/// Tells when files changed, by looking at their fingerprints: that also works for bind mounts, network file
/// systems and files replaced by rename, where inotify watches go astray.
package struct FileWatcher: Service {
  private let interval: Duration
  private let fingerprint: @Sendable () -> [String]
  private let onChange: @Sendable () async -> Void
  private let known: [String]

  /// Takes what the files look like now as known: create it before they are loaded, and no change is missed.
  ///
  /// `onChange` is called once for each change that stood still for one `interval`, never twice at a time.
  package init(
    interval: Duration = .seconds(1), fingerprint: @escaping @Sendable () -> [String],
    onChange: @escaping @Sendable () async -> Void
  ) {
    (self.interval, self.fingerprint, self.onChange) = (interval, fingerprint, onChange)
    known = fingerprint()
  }

  /// Looks until it is shut down or cancelled.
  package func run() async {
    let watch: @Sendable () async throws -> Void = {
      var change = FingerprintChange(known: known)
      while true {
        try await Task.sleep(for: interval)
        if change.look(await offPool(fingerprint)) { await onChange() }
      }
    }
    // The only error of a watch is the cancellation that ends it.
    try? await cancelWhenGracefulShutdown(watch)
  }

  /// What changes whenever a file is edited, replaced, added or removed: its inode, size and times of change.
  package static func fingerprint(of path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "\(path): error \(errno)" }
    // The time of status change tells a file that became readable, too.
    let (written, changed) = (status.st_mtim, status.st_ctim)
    return "\(path): \(status.st_dev).\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
      + "\(changed.tv_sec).\(changed.tv_nsec)"
  }
}
