import CProcessMemory
import ServiceLifecycle

/// Keeps the agent as small as what it does just now, not as its start or its busiest moment was.
///
/// Three quarters of the resident memory are code that only the start ran, and a large cluster's first inventory leaves as much
/// behind in the heap. The kernel takes both back by itself only when the whole machine is short of memory, code last of all.
struct MemoryKeeper: Service {
  /// What is given back and needed again costs about a millisecond.
  private static let pause = Duration.seconds(60)
  /// By then a cluster of usual size was read.
  private static let firstPause = Duration.seconds(5)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var pause = Self.firstPause
      while (try? await Task.sleep(for: pause)) != nil {
        cprocess_memory_give_back()
        pause = Self.pause
      }
    }
  }
}
