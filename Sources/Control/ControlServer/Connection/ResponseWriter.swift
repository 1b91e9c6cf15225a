import NIOCore

/// The way of an answer to its client, from any thread: each write waits until the client's socket has taken it.
struct ResponseWriter: Sendable {
  private let connection: NIOLoopBound<ControlConnection>
  private let eventLoop: any EventLoop

  init(_ connection: NIOLoopBound<ControlConnection>, _ eventLoop: any EventLoop) {
    (self.connection, self.eventLoop) = (connection, eventLoop)
  }

  /// - Parameter isHead: the client wants no body.
  func send(_ response: Response, isHead: Bool) async {
    do {
      try await onLoop { $0.begin(response) }
      if case .stream(let pieces) = response.body, !isHead {
        try await pieces(self)
        try await onLoop { $0.writeEnd() }
      }
      eventLoop.execute { connection.value.endAnswer() }
    } catch {
      // The connection has ended, or the answer cannot be completed: only the connection's end can tell.
      eventLoop.execute { connection.value.close() }
    }
  }

  /// Writes a piece of a body.
  func write(_ piece: ByteBuffer) async throws { try await onLoop { $0.write(piece: piece) } }

  private func onLoop(_ write: @escaping @Sendable (ControlConnection) -> EventLoopFuture<Void>?) async throws {
    try await eventLoop.flatSubmit { [connection, eventLoop] in
      write(connection.value) ?? eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }.get()
  }
}
