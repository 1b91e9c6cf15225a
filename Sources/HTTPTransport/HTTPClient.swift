/// Requests over libcurl: one thread runs all transfers through `curl_multi_socket_action` on epoll.
///
/// Safe to use from any task. Cancelling the calling task ends its transfer at once.
package final class HTTPClient: Sendable {
  package init() {}

  /// Sends a request and collects the answer. Any HTTP status is an answer.
  package func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    fatalError("unbuilt")
  }

  /// Sends a request and hands over the body as it comes; the request's `timeout` bounds the time to the headers only.
  package func stream(
    _ request: HTTPRequest
  ) async throws(HTTPTransportError) -> (response: HTTPResponse, body: AsyncThrowingStream<[UInt8], any Error>) {
    fatalError("unbuilt")
  }

  /// Connects over TCP and closes again; the time that the connect took.
  package func connect(host: String, port: UInt16, timeout: Duration) async throws(HTTPTransportError) -> PhaseTimings {
    fatalError("unbuilt")
  }

  /// Ends all transfers with ``HTTPTransportError/closed`` and the thread.
  package func shutdown() {}
}
