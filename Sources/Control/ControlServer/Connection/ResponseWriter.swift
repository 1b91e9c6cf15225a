import NIOCore

/// Writes an answer to its client, from any thread; each write waits until the client's socket has taken it.
struct ResponseWriter: Sendable {
  private let connection: NIOLoopBound<ControlConnection>
  private let eventLoop: any EventLoop

  init(_ connection: NIOLoopBound<ControlConnection>, _ eventLoop: any EventLoop) {
    (self.connection, self.eventLoop) = (connection, eventLoop)
  }

  func send(_ response: Response) async {
    guard case .stream(let pieces) = response.body else {
      return eventLoop.execute { connection.value.send(response) }
    }
    do {
      if try await onLoop({ $0.begin(response) }) { try await pieces(self) }
      eventLoop.execute { connection.value.endStream() }
    } catch {
      // The connection has ended, or the answer cannot be completed. Closing is the only way left to report that.
      eventLoop.execute { connection.value.close() }
    }
  }

  /// Writes a piece of a body.
  func write(_ piece: ByteBuffer) async throws {
    try await onLoop { $0.write(piece: piece) }
  }

  @discardableResult
  private func onLoop(
    _ write: @escaping @Sendable (ControlConnection) -> EventLoopFuture<Bool>?
  ) async throws -> Bool {
    try await eventLoop.flatSubmit { [connection, eventLoop] in
      write(connection.value) ?? eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }.get()
  }
}
