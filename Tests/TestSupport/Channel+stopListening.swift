import Glibc
import NIOCore

extension Channel {
  /// Closes a listener; once this returns, its port refuses connections.
  ///
  /// A child process that is being started holds a copy of each descriptor until it has become the other program, so
  /// closing alone may leave the port open a little longer.
  package func stopListening() async throws {
    let isClosed = eventLoop.makePromise(of: Void.self)
    try await eventLoop.submit {
      try self.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
        _ = shutdown(socket, Int32(SHUT_RDWR))
      }
      self.close(promise: isClosed)
    }.get()
    try await isClosed.futureResult.get()
  }
}
