import NIOCore
import NIOEmbedded
import Testing

@testable import ReverseProxy

/// Which clients are closed when descriptors run short.
@Suite struct ShortageTests {
  private final class Client: ServedConnection {
    let idleSince: NIODeadline?
    var unreadBytes: Int
    private(set) var isClosed = false
    let deadline = NIODeadline.distantFuture

    init(idleFor seconds: Int64?, unreadBytes: Int = 0) {
      idleSince = seconds.map { .now() - .seconds($0) }
      self.unreadBytes = unreadBytes
    }

    func drain() {}
    func close() { isClosed = true }
    func followGates() {}
    func deadlinePassed() {}
  }

  @Test func thoseThatStillHaveToReadAreTheLast() throws {
    let worker = ProxyWorker(
      eventLoop: EmbeddedEventLoop(), services: try .forTest(),
      settings: ProxySettings(ProxyConfiguration(), identity: ProxyIdentity()))
    let busy = Client(idleFor: nil)
    let reader = Client(idleFor: 900, unreadBytes: 1)
    let old = Client(idleFor: 600)
    let young = Client(idleFor: 300)
    let new = Client(idleFor: 0)
    let clients = [busy, reader, old, young, new]
    for client in clients { worker.add(client) }
    var closed: [[Bool]] = []
    for _ in 1...3 {
      worker.makeRoom()
      closed.append(clients.map(\.isClosed))
      for client in clients where client.isClosed { worker.remove(client) }
    }
    #expect(
      closed == [
        [false, false, true, false, false], [false, false, true, true, false], [false, true, true, true, false],
      ])
  }
}
