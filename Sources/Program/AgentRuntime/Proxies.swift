import ReverseProxy
import ServiceLifecycle
import StreamProxy

/// Both proxies as one service, so that they stop together: all their listeners close at once, and their connections
/// have the same time to end. A service group stops its services one after the other.
struct Proxies: Service {
  let http: ReverseProxy
  let streams: StreamProxy
  /// Ends when `http` listens: no stream may take an address of `proxy` before that.
  let listened: AsyncStream<Void>

  /// Throws if `proxy.http` or `proxy.https` cannot be opened; the streams end as well.
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
