package import NameResolution
import PeerTrust
import Synchronization

/// An HTTP client based on libcurl: one thread runs all transfers through `curl_multi_socket_action` on epoll.
///
/// Safe to use from any task. Cancelling the calling task ends its transfer at once. The thread ends with
/// ``shutdown()`` or with the last reference.
package final class HTTPClient: Sendable {
  private enum State {
    case running(TransferInbox)
    /// The thread could not be started.
    case broken(reason: String)
    case closed
  }

  private let state: Mutex<State>
  private let resolver: NameResolver
  private let authorityFiles: AuthorityFiles

  /// Connections of a trust policy are kept for `idleLifetime` after its last request.
  package convenience init(idleLifetime: Duration = .seconds(60), resolver: NameResolver = .system) {
    self.init(idleLifetime: idleLifetime, resolver: resolver, authorityFiles: AuthorityFiles())
  }

  init(idleLifetime: Duration = .seconds(60), resolver: NameResolver = .system, authorityFiles: AuthorityFiles) {
    (self.resolver, self.authorityFiles) = (resolver, authorityFiles)
    do {
      state = Mutex(.running(try TransferEngine.start(groupLifetime: idleLifetime)))
    } catch {
      state = Mutex(.broken(reason: "\(error)"))
    }
  }

  deinit { shutdown() }

  /// Sends a request and returns the complete answer. Any HTTP status is an answer.
  package func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    try await perform(request, as: .collect, ticket: TransferTicket(), inbox: inbox(for: request.url))
  }

  /// Sends a request and streams the body; the request's `timeout` only limits the time to the headers, and its
  /// `maximumBodySize` does not apply.
  ///
  /// At most 256 KiB are buffered for a slow reader; then reading from the server pauses. The stream has one consumer
  /// and throws ``HTTPTransportError``. Releasing it or cancelling its task ends the transfer; a cancelled task gets
  /// the end of the stream.
  package func stream(
    _ request: HTTPRequest
  ) async throws(HTTPTransportError) -> (response: HTTPResponse, body: AsyncThrowingStream<[UInt8], any Error>) {
    let inbox = try inbox(for: request.url)
    let ticket = TransferTicket()
    let body = StreamedBody(client: self, ticket: ticket, inbox: inbox)
    let response = try await perform(request, as: .stream(body.buffer), ticket: ticket, inbox: inbox)
    return (response, AsyncThrowingStream { try await body.next() })
  }

  /// Connects over TCP and closes the connection; returns the time that it took.
  package func connect(host: String, port: UInt16, timeout: Duration) async throws(HTTPTransportError) -> PhaseTimings {
    var request = HTTPRequest(.get, try RequestTarget.url(host: host, port: port))
    request.timeout = timeout
    request.connectTimeout = timeout
    let inbox = try inbox(for: request.url)
    return try await perform(request, as: .connect, ticket: TransferTicket(), inbox: inbox).timings
  }

  /// Ends all transfers with ``HTTPTransportError/closed`` and the thread. Later requests fail the same way.
  package func shutdown() {
    let inbox = state.withLock { state -> TransferInbox? in
      defer { state = .closed }
      guard case .running(let inbox) = state else { return nil }
      return inbox
    }
    inbox?.post(.shutdown)
  }

  private func perform(
    _ request: HTTPRequest, as delivery: Submission.Delivery, ticket: TransferTicket, inbox: TransferInbox
  ) async throws(HTTPTransportError) -> HTTPResponse {
    let start = ContinuousClock.now
    let target = try RequestTarget(request)
    let found = try await lookUp(target.lookupName, timeout: min(request.timeout, request.connectTimeout))
    let authorities = target.isTLS ? try await authorities(for: request, since: start) : nil
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        inbox.post(
          .start(
            Submission(
              request: request, target: target, found: found, authorities: authorities, start: start,
              delivery: delivery, ticket: ticket, answer: answer)))
      }
    } onCancel: {
      ticket.cancel()
      inbox.post(.cancel(ticket))
    }
    let mask = SecretMask(request.secrets)
    do throws(HTTPTransportError) { return mask.masked(try result.get()) } catch { throw mask.masked(error) }
  }

  /// The content of the request's CA file; nil if it has none.
  private func authorities(
    for request: HTTPRequest, since start: ContinuousClock.Instant
  ) async throws(HTTPTransportError) -> [UInt8]? {
    guard case .caFile(let path) = request.trust else { return nil }
    let limit = min(request.timeout, request.connectTimeout)
    guard let content = await authorityFiles.content(of: path, within: limit - (ContinuousClock.now - start)) else {
      throw Task.isCancelled ? .cancelled : .timedOut(phase: "reading the CA file \(path)", after: limit)
    }
    return try content.get()
  }

  /// The addresses of a name; nil if no look-up is needed.
  func lookUp(_ name: String?, timeout: Duration) async throws(HTTPTransportError) -> FoundAddresses? {
    guard let name else { return nil }
    let start = ContinuousClock.now
    switch await resolver.addresses(of: name, timeout: timeout) {
    case .success(let addresses): return FoundAddresses(addresses: addresses, time: ContinuousClock.now - start)
    case .failure(.cancelled): throw .cancelled
    case .failure(.shortage(let reason)): throw .shortage(reason: reason)
    case .failure(.doesNotExist), .failure(.invalid): throw Task.isCancelled ? .cancelled : .nameNotResolved(host: name)
    case .failure(.unavailable(let reason)):
      throw Task.isCancelled ? .cancelled : .nameLookupFailed(host: name, reason: reason)
    }
  }

  func inbox(for url: String) throws(HTTPTransportError) -> TransferInbox {
    try state.withLock { (state) throws(HTTPTransportError) -> TransferInbox in
      switch state {
      case .running(let inbox): return inbox
      case .closed: throw .closed
      case .broken(let reason):
        throw .cannotConnect(address: url, reason: "the transfer thread does not start: \(reason)")
      }
    }
  }
}
