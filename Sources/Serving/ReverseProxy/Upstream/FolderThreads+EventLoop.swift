import FileServing
import NIOCore

extension FolderThreads {
  /// Runs an operation that may block, on one of the threads. Fails if there is none and none can be started.
  func run<Value: Sendable>(
    on eventLoop: any EventLoop, _ operation: @escaping @Sendable () throws -> Value
  ) -> EventLoopFuture<Value> {
    let promise = eventLoop.makePromise(of: Value.self)
    do {
      try run { promise.completeWith(Result(catching: operation)) }
    } catch {
      promise.fail(error)
    }
    return promise.futureResult
  }
}
