import NIOCore

/// A worker for each event loop of a group.
struct ProxyWorkers: Sendable {
  private let workers: [ObjectIdentifier: NIOLoopBound<ProxyWorker>]

  init(group: any EventLoopGroup, services: ProxyServices, settings: ProxySettings) async throws {
    var workers: [ObjectIdentifier: NIOLoopBound<ProxyWorker>] = [:]
    for eventLoop in group.makeIterator() {
      workers[ObjectIdentifier(eventLoop)] = try await eventLoop.submit {
        NIOLoopBound(ProxyWorker(eventLoop: eventLoop, services: services, settings: settings), eventLoop: eventLoop)
      }.get()
    }
    self.workers = workers
  }

  /// The worker of the current event loop.
  func worker(on eventLoop: any EventLoop) throws -> ProxyWorker {
    guard let bound = workers[ObjectIdentifier(eventLoop)] else { throw ChannelError.operationUnsupported }
    return bound.value
  }

  func apply(_ settings: ProxySettings) {
    for bound in workers.values { bound.eventLoop.execute { bound.value.apply(settings) } }
  }

  func makeRoom() {
    for bound in workers.values { bound.eventLoop.execute { bound.value.makeRoom() } }
  }

  /// Bytes that wait for clients to read, by event loop.
  func unreadBytes() async -> [Int] {
    var counts: [Int] = []
    for bound in workers.values {
      counts.append((try? await bound.eventLoop.submit { bound.value.unreadBytes }.get()) ?? 0)
    }
    return counts
  }

  /// Returns when all client connections have ended or were closed after the time limit.
  func drain(within bound: Duration) async {
    let drained = workers.values.map { worker in worker.eventLoop.flatSubmit { worker.value.drain(within: bound) } }
    for future in drained { try? await future.get() }
  }
}
