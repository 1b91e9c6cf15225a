import HTTPMessages
import LinuxSystem
package import Logging
import NIOCore
import NIOPosix
package import ServerSockets
import ServiceLifecycle
import Synchronization

/// The agent on a Unix socket: HTTP/1.1 and JSON.
///
/// Its channels are handled on one event loop from the moment they are accepted, so that none is left when the agent
/// stops. Requests are answered there too; those whose answers wait for something run on the tasks of ``run()``.
package final class ControlServer: Service {
  private enum Listener {
    case none
    case open(any Channel)
    case stopped
  }

  /// How often the socket file is checked.
  private static let checkInterval = Duration.seconds(1)
  /// Lives as long as the process.
  private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

  private let settings: SocketSettings
  private let timeouts: ControlTimeouts
  private let descriptors: DescriptorBudget
  private let dispatcher: Dispatcher
  private let logger: Logger
  private let onListening: @Sendable () async -> Void
  private let file = Mutex<SocketFile?>(nil)
  private let listener = Mutex<Listener>(.none)

  /// - Parameters:
  ///   - heartbeat: how long an event stream may be silent; shorter than the idle time-out of proxies. A heartbeat also
  ///     detects a reader that is gone.
  ///   - onListening: called once clients can connect.
  package init(
    configuration: SocketConfiguration, agent: any ControlledAgent, heartbeat: Duration = .seconds(15),
    timeouts: ControlTimeouts = ControlTimeouts(), descriptors: DescriptorBudget = DescriptorBudget(), logger: Logger,
    onListening: @escaping @Sendable () async -> Void = {}
  ) {
    let settings = SocketSettings(configuration)
    self.settings = settings
    self.timeouts = timeouts
    self.descriptors = descriptors
    self.logger = logger
    self.onListening = onListening
    dispatcher = Dispatcher(
      handlers: Handlers(
        agent: agent, permission: { AdminPermission(adminGroup: settings.current.adminGroup) }, heartbeat: heartbeat),
      logger: logger)
  }

  /// Claims the socket, so that problems with it show before anything else starts. `run` does it if this was not
  /// called.
  package func prepare() throws(SocketError) {
    let claimed = try SocketFile(settings.current)
    file.withLock { $0 = claimed }
  }

  /// Applies the mode and the groups of another configuration. If they cannot be applied, it throws and everything stays
  /// as it was. Another path is ignored until the agent is started again.
  package func replace(_ configuration: SocketConfiguration) throws(SocketError) {
    var next = configuration
    next.path = settings.current.path
    if let file = file.withLock({ $0 }) { try file.apply(next) }
    settings.current = next
  }

  /// Serves until the graceful shutdown; throws ``SocketError``. The socket file is removed when it returns.
  package func run() async throws {
    if file.withLock({ $0 == nil }) { try prepare() }
    guard let file = file.withLock({ $0 }), let descriptor = file.releaseDescriptor() else {
      throw SocketError.closed(path: settings.current.path, reason: "it was stopped before")
    }
    defer { self.file.withLock { $0.take() }?.remove() }
    let (requests, arrivals) = AsyncStream.makeStream(of: ControlRequest.self)
    let connections = NIOLoopBoundBox.makeBoxSendingValue(
      ControlConnections(arrivals, dispatcher: dispatcher, timeouts: timeouts, on: Self.eventLoop),
      eventLoop: Self.eventLoop)
    descriptors.onShortage(of: self) { Self.eventLoop.execute { connections.value.makeRoom() } }
    open(try await listen(on: descriptor, connections), arrivals)
    logger.info("listening", metadata: ["socket.path": "\(settings.current.path)"])
    await onListening()
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.keep(file, connections, arrivals) }
        for await request in requests { group.addTask { await request.writer.send(request.answer()) } }
        stop(connections)
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.stop(connections)
    }
    guard Task.isShuttingDownGracefully || Task.isCancelled else {
      throw SocketError.closed(path: settings.current.path, reason: "no more connections can be accepted")
    }
  }

  /// Returns true once the socket's event loop has executed a task.
  package func respond() async -> Bool { (try? await Self.eventLoop.submit { true }.get()) ?? false }

  private func stop(_ connections: NIOLoopBoundBox<ControlConnections>) {
    let last = listener.withLock { listener in
      defer { listener = .stopped }
      return listener
    }
    // In one step, so that once no client can connect, each answer says that its connection ends.
    Self.eventLoop.execute {
      if case .open(let channel) = last { channel.close(promise: nil) }
      connections.value.drain()
    }
  }
}

// The listening socket.
extension ControlServer {
  private func listen(
    on descriptor: Int32, _ connections: NIOLoopBoundBox<ControlConnections>
  ) async throws(SocketError) -> any Channel {
    do {
      return try await ServerBootstrap(group: Self.eventLoop)
        .serverChannelInitializer { [descriptors, logger] channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptGate(descriptors, for: .control, logger: logger))
          }
        }
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ControlConnection(connections.value))
          }
        }
        .withBoundSocket(descriptor).get()
    } catch {
      throw .failed(path: settings.current.path, step: .listening, reason: "\(error)")
    }
  }

  /// Replaces the previous listener, whose connections continue. If the server was stopped meanwhile, the channel is
  /// closed.
  private func open(_ channel: any Channel, _ arrivals: AsyncStream<ControlRequest>.Continuation) {
    let former = listener.withLock { listener -> (any Channel)? in
      defer { if case .stopped = listener {} else { listener = .open(channel) } }
      return switch listener {
      case .none: nil
      case .open(let former): former
      case .stopped: channel
      }
    }
    former?.close(promise: nil)
    channel.closeFuture.whenComplete { [self] _ in
      // The listener closed by itself: clients can no longer connect.
      let isCurrent = listener.withLock { if case .open(let current) = $0 { current === channel } else { false } }
      if isCurrent { arrivals.finish() }
    }
  }

  /// Listens again if the socket's file was removed or replaced, because no client could reach the agent otherwise.
  private func keep(
    _ file: SocketFile, _ connections: NIOLoopBoundBox<ControlConnections>,
    _ arrivals: AsyncStream<ControlRequest>.Continuation
  ) async {
    await cancelWhenGracefulShutdown {
      var lastError: SocketError?
      while (try? await Task.sleep(for: Self.checkInterval)) != nil {
        do throws(SocketError) {
          let restore = { @Sendable () throws(SocketError) in try file.restore() }
          guard let descriptor = try await offPool(restore) else { continue }
          self.open(try await self.listen(on: descriptor, connections), arrivals)
          self.logger.notice("socket file restored", metadata: ["socket.path": "\(self.settings.current.path)"])
          lastError = nil
        } catch {
          if lastError != error { self.logger.error("socket file lost", metadata: ["error": "\(error)"]) }
          lastError = error
        }
      }
    }
  }
}
