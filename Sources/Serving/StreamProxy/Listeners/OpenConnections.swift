import NIOCore
import Synchronization

/// All accepted connections that are still open.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    /// The connections whose sockets are relayed without their channels.
    var relays = 0
    var isDraining = false

    var isEmpty: Bool { channels.isEmpty && relays == 0 }
  }

  private let state = Mutex(State())
  /// Finishes when the last connection has closed while draining.
  private let drained: AsyncStream<Void>
  private let whenDrained: AsyncStream<Void>.Continuation

  init() { (drained, whenDrained) = AsyncStream.makeStream() }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    change { $0.channels[id] = channel }
    channel.closeFuture.whenComplete { _ in self.change { $0.channels[id] = nil } }
  }

  /// Records that a connection continues without its channel.
  func relayBegan() { change { $0.relays += 1 } }

  func relayEnded() { change { $0.relays -= 1 } }

  /// How long to wait for channels that are closed at the end of the drain: each closes its TLS if its peer still
  /// answers.
  private static let closeTimeout = Duration.seconds(1)

  /// Waits until all have ended, up to a limit, and closes the remaining channels.
  func drain(within limit: Duration) async {
    let isEmpty = state.withLock { state in
      state.isDraining = true
      return state.isEmpty
    }
    if isEmpty { return }
    await Self.wait(for: drained, within: limit)
    let rest = state.withLock { Array($0.channels.values) }
    guard let loop = rest.first?.eventLoop else { return }
    let (closed, whenClosed) = AsyncStream.makeStream(of: Void.self)
    EventLoopFuture.andAllComplete(rest.map { $0.close() }, on: loop).whenComplete { _ in whenClosed.finish() }
    await Self.wait(for: closed, within: Self.closeTimeout)
  }

  private static func wait(for end: AsyncStream<Void>, within limit: Duration) async {
    await withTaskGroup { group in
      group.addTask { for await _ in end {} }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let wasLast = state.withLock { state in
      body(&state)
      return state.isDraining && state.isEmpty
    }
    if wasLast { whenDrained.finish() }
  }
}
