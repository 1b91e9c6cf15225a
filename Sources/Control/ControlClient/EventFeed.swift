package import ControlAPI
import HTTPTransport

/// The agent's events, across broken connections: each new one resumes after the last event received.
///
/// Fails with ``ControlClientError`` if the first connection fails, or if the agent stays away for longer than
/// `timeout`.
package struct EventFeed: AsyncSequence, Sendable {
  package typealias Element = ServerEvent

  var client: ControlClient
  var since: UInt64?
  var types: [String]
  var timeout: Duration

  package func makeAsyncIterator() -> Iterator { Iterator(feed: self) }

  package struct Iterator: AsyncIteratorProtocol {
    private let feed: EventFeed
    private var parser = EventStreamParser()
    private var pending: ArraySlice<ServerEvent> = []
    private var body: AsyncThrowingStream<[UInt8], any Error>.Iterator?
    /// Nil until the first connection has been established.
    private var lostAt: ContinuousClock.Instant?
    /// Whether the last connection delivered an event; true before the first.
    private var gaveEvent = true

    fileprivate init(feed: EventFeed) { self.feed = feed }

    package mutating func next() async throws(ControlClientError) -> ServerEvent? {
      while !Task.isCancelled {
        if let event = pending.popFirst() { return event }
        if body == nil {
          // An agent that closes connections at once must not be contacted in a tight loop.
          if !gaveEvent { try await pause() }
          try await connect()
        }
        if let chunk = await nextChunk() { pending = parser.feed(chunk)[...] }
        if !pending.isEmpty { gaveEvent = true }
      }
      return nil
    }

    /// Nil if the connection has ended; if the reason persists, the next attempt reports it.
    private mutating func nextChunk() async -> [UInt8]? {
      if let chunk = try? await body?.next() { return chunk }
      (body, lostAt) = (nil, .now)
      return nil
    }

    private mutating func connect() async throws(ControlClientError) {
      while true {
        do throws(ControlClientError) {
          body = try await feed.client.openEvents(since: parser.lastID ?? feed.since, types: feed.types)
            .makeAsyncIterator()
          // An event that was cut off is sent again.
          parser = EventStreamParser(resumingAfter: parser.lastID)
          gaveEvent = false
          return
        } catch {
          guard case .agentNotReachable = error, let lostAt, .now - lostAt < feed.timeout else { throw error }
          try await pause()
        }
      }
    }

    private func pause() async throws(ControlClientError) {
      // A server may request any pause, even none, which would be a tight loop.
      let pause = Swift.max(parser.retry ?? .seconds(1), .milliseconds(100))
      guard (try? await Task.sleep(for: pause)) != nil else { throw .cancelled }
    }
  }
}

extension ControlClient {
  /// - Parameters:
  ///   - since: the id after which to begin; nil begins now.
  ///   - types: `route.added`, …; empty means all.
  package func events(
    since: UInt64? = nil, types: [String] = [], timeout: Duration = .seconds(30)
  ) -> EventFeed {
    EventFeed(client: self, since: since, types: types, timeout: timeout)
  }

  fileprivate func openEvents(
    since: UInt64?, types: [String]
  ) async throws(ControlClientError) -> AsyncThrowingStream<[UInt8], any Error> {
    var request = request(.get, "/v1/events", query: types.map { (name: "type", value: $0) })
    if let since { request.headers.append((name: "Last-Event-ID", value: String(since))) }
    let (response, body) = try await opened(request)
    guard response.status != 200 else { return body }
    var text: [UInt8] = []
    do {
      for try await chunk in body { text += chunk }
    } catch {
      throw .malformedAnswer(path: socketPath, reason: "\(error)")
    }
    throw failure(response.status, text)
  }

  private func opened(
    _ request: HTTPRequest
  ) async throws(ControlClientError) -> (HTTPResponse, AsyncThrowingStream<[UInt8], any Error>) {
    do throws(HTTPTransportError) {
      let (response, body) = try await http.stream(request)
      return (response, body)
    } catch {
      throw ControlClientError(error, path: socketPath)
    }
  }
}

/// An event of the agent's stream.
package struct ServerEvent: Hashable, Sendable {
  /// The id to resume after; nil before the first one.
  package var id: UInt64?
  /// `route.added`, `health.changed`, …
  package var event: String
  /// JSON.
  package var data: String

  package init(id: UInt64?, event: String, data: String) { (self.id, self.event, self.data) = (id, event, data) }

  /// The decoded data; nil for an event that this version does not know.
  package func decoded() throws -> EventData? { try EventData(event: event, data: Array(data.utf8)) }
}
