import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServerSockets
import ServiceLifecycle
import Synchronization

/// The agent on a Unix socket: HTTP/1.1 and JSON.
///
/// Hummingbird parses and writes HTTP; the listening socket is our own, since its `bind` takes a live socket's name away.
package final class ControlServer: Service {
  /// How long an answer that is under way may take once the agent stops.
  private static let grace = TimeAmount.seconds(2)

  private let configuration: SocketConfiguration
  private let dispatcher: Dispatcher
  private let logger: Logger
  private let onListening: @Sendable () async -> Void
  private let claimed = Mutex<SocketFile?>(nil)

  /// - Parameters:
  ///   - heartbeat: for how long an event stream may be silent: shorter than the time after which proxies give up, and
  ///     how a gone reader is found.
  ///   - onListening: called once clients can connect.
  package init(
    configuration: SocketConfiguration, agent: any ControlledAgent, heartbeat: Duration = .seconds(15), logger: Logger,
    onListening: @escaping @Sendable () async -> Void = {}
  ) {
    self.configuration = configuration
    self.logger = logger
    self.onListening = onListening
    dispatcher = Dispatcher(
      handlers: Handlers(
        agent: agent, permission: AdminPermission(adminGroup: configuration.adminGroup), heartbeat: heartbeat),
      logger: logger)
  }

  /// Claims the socket, so that what is wrong with it shows before anything else starts. `run` does it where this was
  /// not called.
  package func prepare() throws(SocketError) {
    let file = try SocketFile(configuration)
    claimed.withLock { $0 = file }
  }

  /// Serves until the graceful shutdown; throws ``SocketError``. The socket file is gone when it returns.
  package func run() async throws {
    if claimed.withLock({ $0 == nil }) { try prepare() }
    guard let file = claimed.withLock({ $0.take() }), let descriptor = file.takeDescriptor() else {
      throw SocketError.closed(path: configuration.path, reason: "it was stopped before")
    }
    defer { file.remove() }
    let http = HTTP1Channel(
      responder: { [dispatcher] request, writer, channel in
        let response = try await dispatcher.respond(to: request, on: channel)
        try await writer.write(response: response.head, body: response.body)
      }, configuration: .init(idleTimeout: .seconds(60)))
    let listener = try await listen(on: descriptor, http)
    logger.info("listening", metadata: ["socket.path": "\(configuration.path)"])
    await onListening()
    try await withGracefulShutdownHandler {
      try await serve(listener, http)
    } onGracefulShutdown: {
      listener.channel.close(promise: nil)
    }
  }

  private func listen(
    on descriptor: Int32, _ http: HTTP1Channel
  ) async throws(SocketError) -> NIOAsyncChannel<HTTP1Channel.Value, Never> {
    do {
      return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelInitializer { [logger] channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptFailureHandler(logger: logger))
          }
        }
        .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        .bind(descriptor) { [logger] channel in http.setup(channel: channel, logger: logger) }
    } catch {
      throw .failed(path: configuration.path, step: .listening, reason: "\(error)")
    }
  }

  private func serve(_ listener: NIOAsyncChannel<HTTP1Channel.Value, Never>, _ http: HTTP1Channel) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await listener.executeThenClose { connections in
        for try await connection in connections {
          group.addTask { [logger] in await Self.handle(connection, http, logger) }
        }
      }
      guard Task.isShuttingDownGracefully || Task.isCancelled else {
        throw SocketError.closed(path: configuration.path, reason: "no more connections can be accepted")
      }
    }
  }

  /// One connection. When the agent stops, an idle one is closed and a busy one ends after its answer, or without the
  /// rest of it: a peer that does not read would hold up the stop for ever.
  private static func handle(_ connection: HTTP1Channel.Value, _ http: HTTP1Channel, _ logger: Logger) async {
    await withGracefulShutdownHandler {
      await http.handle(value: connection, logger: logger)
    } onGracefulShutdown: {
      let channel = connection.channel
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      channel.eventLoop.scheduleTask(in: grace) { channel.close(promise: nil) }
    }
  }
}
