/// Runs work that may block (a disk, glob(3), the user database) on a thread of its own, never on the cooperative pool or an
/// event loop. What hangs holds up nothing else.
package func offPool<Value: Sendable, Failure: Error>(
  _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
  let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
    startThread { continuation.resume(returning: Result(catching: work)) }
  }
  return try result.get()
}

/// Nil if the work takes longer than that, or its task is cancelled; the work itself goes on until it ends.
package func offPool<Value: Sendable>(
  within limit: Duration, _ work: @escaping @Sendable () -> Value
) async -> Value? {
  let (results, sink) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
  startThread {
    sink.yield(work())
    sink.finish()
  }
  return await withTaskGroup(of: Value?.self) { group in
    group.addTask { await results.first { _ in true } }
    group.addTask {
      try? await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    return await group.next() ?? nil
  }
}

private func startThread(_ work: @escaping @Sendable () -> Void) {
  // Out of threads, late is better than never.
  do { try EventThread.run("blocking-work", work) } catch { work() }
}
