import NIOCore
import Synchronization

/// Every accepted connection that is still open.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())
  /// Finishes when the last one has gone, once there are to be no more.
  private let drained: AsyncStream<Void>
  private let whenDrained: AsyncStream<Void>.Continuation

  init() { (drained, whenDrained) = AsyncStream.makeStream() }

  var count: Int { state.withLock { $0.channels.count } }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    state.withLock { $0.channels[id] = channel }
    channel.closeFuture.whenComplete { _ in self.remove(id) }
  }

  /// Waits until all have ended, so long at most, and closes the rest.
  func drain(within limit: Duration) async {
    let isEmpty = state.withLock { state in
      state.isDraining = true
      return state.channels.isEmpty
    }
    if isEmpty { return }
    await withTaskGroup { group in
      group.addTask { for await _ in self.drained {} }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
    for channel in state.withLock({ Array($0.channels.values) }) { try? await channel.close() }
  }

  private func remove(_ id: ObjectIdentifier) {
    let isLast = state.withLock { state in
      state.channels[id] = nil
      return state.isDraining && state.channels.isEmpty
    }
    if isLast { whenDrained.finish() }
  }
}
