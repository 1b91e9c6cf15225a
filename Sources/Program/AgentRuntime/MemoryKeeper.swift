import CLinux
import LinuxSystem
import ServiceLifecycle

/// Returns memory that the heap no longer uses to the kernel (malloc_trim(3)): every minute, more often at the start, and
/// soon after what frees much.
package final class MemoryKeeper: Service {
  private static let interval = Duration.seconds(60)

  private let firstInterval: Duration
  private let settlingTime: Duration
  private let trim: @Sendable () -> Void
  private let requests: AsyncStream<Void>
  private let sink: AsyncStream<Void>.Continuation

  /// Limits what the heap keeps beside the memory in use (mallopt(3)). Call it first: arenas that exist already remain.
  ///
  /// Two arenas are enough for two threads that allocate at the same time; each further one has gaps of its own. By
  /// default, glibc also raises its limit for what it takes directly from the kernel, so that large tables grow through
  /// these gaps and leave new ones.
  package static func limitHeap() {
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 256 * 1024)
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024)
  }

  /// - Parameters:
  ///   - firstInterval: by then a cluster of usual size was read; the pauses grow from here to a minute.
  ///   - settlingTime: what frees memory within this time is one request.
  init(
    firstInterval: Duration = .seconds(5), settlingTime: Duration = .seconds(1),
    trim: @escaping @Sendable () -> Void = { malloc_trim(0) }
  ) {
    (self.firstInterval, self.settlingTime, self.trim) = (firstInterval, settlingTime, trim)
    (requests, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Requests a trim because much memory was, or is about to be, freed.
  func trimSoon() { sink.yield() }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask {
          var interval = self.firstInterval
          while (try? await Task.sleep(for: interval)) != nil {
            self.trimSoon()
            interval = min(interval * 2, Self.interval)
          }
        }
        for await _ in self.requests {
          try? await Task.sleep(for: self.settlingTime)
          await offPool { self.trim() }
        }
        group.cancelAll()
      }
    }
  }
}
