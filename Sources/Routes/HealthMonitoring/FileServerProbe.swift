import Glibc
import LinuxSystem
import Synchronization

/// Checks that a file server's root is a readable folder.
///
/// A file system may hang (a network share whose server is gone): a folder that hangs is not checked again until the
/// pending check returns.
final class FileServerProbe: Sendable {
  /// The checks in progress.
  private let checks = Mutex<[Int: (root: String, start: ContinuousClock.Instant)]>([:])
  private let lastCheck = Atomic(0)
  private let check: @Sendable (String) -> ProbeOutcome?

  /// - Parameter check: returns what is wrong with a folder, nil if nothing; tests replace it with one that hangs.
  init(check: @escaping @Sendable (String) -> ProbeOutcome? = { FileServerProbe.problem(of: $0) }) {
    self.check = check
  }

  func probe(root: String, timeout: Duration) async -> ProbeOutcome {
    guard root.utf8.first == UInt8(ascii: "/") else {
      return .impossible(reason: "the root '\(root)' is no absolute path")
    }
    let timedOut = ProbeOutcome.failure(.timedOut(phase: "reading the folder", after: timeout))
    guard let number = begin(root, timeout: timeout) else { return timedOut }
    let outcome = await offPool(within: timeout) { [self] in
      defer { checks.withLock { $0[number] = nil } }
      return self.outcome(of: root)
    }
    return outcome ?? (Task.isCancelled ? .abandoned : timedOut)
  }

  /// Nil if the folder hangs.
  private func begin(_ root: String, timeout: Duration) -> Int? {
    let now = ContinuousClock.now
    let number = lastCheck.add(1, ordering: .relaxed).newValue
    return checks.withLock { checks in
      guard !checks.values.contains(where: { $0.root == root && $0.start + timeout <= now }) else { return nil }
      checks[number] = (root, now)
      return number
    }
  }

  private func outcome(of root: String) -> ProbeOutcome {
    let start = ContinuousClock.now
    if let problem = check(root) { return problem }
    return .success(latency: ContinuousClock.now - start, detail: "folder readable")
  }

  /// Opens the folder, which needs the same rights as listing it.
  private static func problem(of root: String) -> ProbeOutcome? {
    if let folder = opendir(root) {
      closedir(folder)
      return nil
    }
    return outcome(of: root, code: errno)
  }

  static func outcome(of root: String, code: Int32) -> ProbeOutcome {
    switch code {
    // A lack of resources in the agent is no failure of the folder.
    case EMFILE, ENFILE, ENOMEM: .abandoned
    case ENOENT: .failure(.folder(reason: "the folder \(root) does not exist"))
    case ENOTDIR: .failure(.folder(reason: "\(root) is no folder"))
    case EACCES: .failure(.folder(reason: "the folder \(root) cannot be read: permission denied"))
    default: .failure(.folder(reason: "the folder \(root) cannot be read: \(SystemError.text(code))"))
    }
  }
}
