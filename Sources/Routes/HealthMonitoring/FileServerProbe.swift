import Dispatch
import Glibc
import Synchronization

/// A file server works where its root is a folder that can be read.
///
/// A file system may hang (a network share whose server is gone), so it is asked on a thread outside the concurrency
/// pool, and a folder that hangs is not asked again until it answered.
final class FileServerProbe: Sendable {
  private let hanging = Mutex<Set<String>>([])
  private let look: @Sendable (String) -> String?

  /// - Parameter look: what is wrong with a folder, nil if nothing; replaced in tests by one that hangs.
  init(look: @escaping @Sendable (String) -> String? = { FileServerProbe.problem(of: $0) }) { self.look = look }

  func probe(root: String, timeout: Duration) async -> ProbeOutcome {
    guard root.utf8.first == UInt8(ascii: "/") else {
      return .impossible(reason: "the root '\(root)' is no absolute path")
    }
    let timedOut = ProbeOutcome.failure(.timedOut(phase: "reading the folder", after: timeout))
    guard !hanging.withLock({ $0.contains(root) }) else { return timedOut }
    let answer = FirstAnswer<ProbeOutcome>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        answer.awaited(by: continuation)
        DispatchQueue.global().async { [self] in
          let outcome = outcome(of: root)
          hanging.withLock { hanging in
            answer.give(outcome)
            hanging.remove(root)
          }
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout.asInterval) { [self] in
          hanging.withLock { if answer.give(timedOut) { $0.insert(root) } }
        }
      }
    } onCancel: {
      answer.give(.abandoned)
    }
  }

  private func outcome(of root: String) -> ProbeOutcome {
    let start = ContinuousClock.now
    if let problem = look(root) { return .failure(.folder(reason: problem)) }
    return .success(latency: ContinuousClock.now - start, detail: "folder readable")
  }

  /// Opens the folder, which takes the same rights as listing it.
  private static func problem(of root: String) -> String? {
    if let folder = opendir(root) {
      closedir(folder)
      return nil
    }
    return switch errno {
    case ENOENT: "the folder \(root) does not exist"
    case ENOTDIR: "\(root) is no folder"
    case EACCES: "the folder \(root) cannot be read: permission denied"
    default: "the folder \(root) cannot be read: \(String(cString: strerror(errno)))"
    }
  }
}
