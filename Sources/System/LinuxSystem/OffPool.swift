import Dispatch

/// Runs work that may block (disk access, glob(3), the user database) on its own thread, never on the cooperative pool
/// or an event loop, so that hanging work delays nothing else.
package func offPool<Value: Sendable, Failure: Error>(
  _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
  let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
    startThread { continuation.resume(returning: Result(catching: work)) }
  }
  return try result.get()
}

/// Returns nil if the work exceeds the limit or its task is cancelled; the work itself continues until it ends.
package func offPool<Value: Sendable>(
  within limit: Duration, _ work: @escaping @Sendable () -> Value
) async -> Value? {
  let (results, sink) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
  startThread {
    sink.yield(work())
    sink.finish()
  }
  return await firstValue(of: results, within: limit)
}

/// Returns nil if the limit passes, the task is cancelled, or the stream ends.
package func firstValue<Value: Sendable>(of stream: AsyncStream<Value>, within limit: Duration) async -> Value? {
  await withTaskGroup(of: Value?.self) { group in
    group.addTask { await stream.first { _ in true } }
    group.addTask {
      try? await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    return await group.next() ?? nil
  }
}

private func startThread(_ work: @escaping @Sendable () -> Void) {
  // Without a free thread, blocking here is better than not running at all.
  do { try EventThread.run("blocking-work", work) } catch { work() }
}

/// Runs an actor whose work may block on a separate thread, so that it stays in order and delays no other task.
package final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// - Parameter label: the name shown by debuggers.
  package init(label: String) { queue = DispatchQueue(label: label) }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
