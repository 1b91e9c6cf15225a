import Glibc
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
        if change.look(await offPool(fingerprint)) { await onChange() }
      }
    }
    // The only error is the cancellation that ends the watch.
    try? await cancelWhenGracefulShutdown(watch)
  }

  /// A text that changes whenever a file is edited, replaced, added or removed: its inode, size and timestamps.
  package static func fingerprint(of path: String) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return "\(path): error \(errno)" }
    // The status change time also shows that a file has become readable.
    let (written, changed) = (status.st_mtim, status.st_ctim)
    return "\(path): \(status.st_dev).\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
      + "\(changed.tv_sec).\(changed.tv_nsec)"
  }

  /// The path of the file that a fingerprint is of.
  package static func path(inFingerprint text: String) -> String {
    // No ": " follows the path.
    text.utf8.indices.last { text.utf8[$0] == UInt8(ascii: ":") }.map { String(text[..<$0]) } ?? text
  }
}
