import CLinux
import LinuxSystem
import ServiceLifecycle

/// Returns memory that the heap no longer uses to the kernel (malloc_trim(3)): every minute, and soon after what frees much.
final class MemoryKeeper: Service {
  private static let interval = Duration.seconds(60)
  /// By then a cluster of usual size was read.
  private static let firstInterval = Duration.seconds(5)
  /// By then an answer was sent; what frees memory within this time is one request.
  private static let settlingTime = Duration.seconds(1)

  private let requests: AsyncStream<Void>
  private let sink: AsyncStream<Void>.Continuation

  init() { (requests, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// Much memory was freed, or is about to be.
  func trimSoon() { sink.yield() }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask {
          var interval = Self.firstInterval
          while (try? await Task.sleep(for: interval)) != nil {
            self.trimSoon()
            interval = Self.interval
          }
        }
        for await _ in self.requests {
          try? await Task.sleep(for: Self.settlingTime)
          _ = await offPool { malloc_trim(0) }
        }
        group.cancelAll()
      }
    }
  }
}
