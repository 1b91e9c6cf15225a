import ReverseProxy
import ServiceLifecycle
import StreamProxy

/// Both proxies as one service, for they stop at the same moment: all of their listeners close at once, and what is under
/// way has the same time to end. A group stops its services one after the other.
struct Proxies: Service {
  let http: ReverseProxy
  let streams: StreamProxy
  /// Ends when `http` listens: no stream takes an address of `proxy` before that.
  let listened: AsyncStream<Void>

  /// Throws where `proxy.http` or `proxy.https` cannot be listened on; then the streams end too.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await http.run() }
      group.addTask {
        for await _ in listened {}
        if !Task.isCancelled { try await streams.run() }
      }
    }
  }
}
