import CLinux
import LinuxSystem
import ServiceLifecycle

/// Returns unused heap memory to the kernel (malloc_trim(3)): every minute, and soon after large amounts are freed.
final class MemoryKeeper: Service {
  private static let interval = Duration.seconds(60)
  /// By then, a cluster of usual size has been read.
  private static let firstInterval = Duration.seconds(5)
  /// By then, a response has been sent; further requests within this time are merged into one.
  private static let settlingTime = Duration.seconds(1)

  private let requests: AsyncStream<Void>
  private let sink: AsyncStream<Void>.Continuation

  init() { (requests, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// Requests a trim because much memory was, or is about to be, freed.
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
