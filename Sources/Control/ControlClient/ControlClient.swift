import ControlAPI
package import HTTPTransport
import PrintableText

/// A client of a running agent over its Unix socket.
package struct ControlClient: Sendable {
  package let socketPath: String
  let http: HTTPClient
  private let timeout: Duration

  package init(socketPath: String, http: HTTPClient = HTTPClient(), timeout: Duration = .seconds(30)) {
    (self.socketPath, self.http, self.timeout) = (socketPath, http, timeout)
  }

  /// Creates a request for a path with its query; the host in the URL has no meaning, because the socket is the
  /// address.
  func request(_ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [])
    -> HTTPRequest
  {
    let pairs = query.map { "\($0.name)=\(PercentCoding.encode($0.value))" }
    var request = HTTPRequest(
      method, "http://localhost\(path)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
    request.unixSocketPath = socketPath
    request.timeout = timeout
    request.maximumBodySize = 256 << 20
    return request
  }

  /// Sends a request and decodes the response; any status not in `accepting` is a
  /// ``ControlClientError/api(status:_:)``.
  func answer<Value: Decodable & Sendable>(
    _ request: HTTPRequest, as type: Value.Type = Value.self, accepting: Set<Int> = [200]
  ) async throws(ControlClientError) -> DecodedAnswer<Value> {
    let response: HTTPResponse
    do throws(HTTPTransportError) {
      response = try await http.send(request)
    } catch {
      throw ControlClientError(error, path: socketPath)
    }
    guard accepting.contains(response.status) else { throw failure(response.status, response.body) }
    do {
      return DecodedAnswer(value: try WireFormat.decode(type, from: response.body), body: response.body)
    } catch {
      throw .malformedAnswer(path: socketPath, reason: "\(error)")
    }
  }

  /// The body of a 200 answer to a GET of a path with its query. Event streams never end: use ``events(since:types:)``.
  package func get(_ path: String) async throws(ControlClientError) -> [UInt8] {
    let response: HTTPResponse
    do throws(HTTPTransportError) {
      response = try await http.send(request(.get, path))
    } catch {
      throw ControlClientError(error, path: socketPath)
    }
    guard response.status == 200 else { throw failure(response.status, response.body) }
    return response.body
  }

  func failure(_ status: Int, _ body: [UInt8]) -> ControlClientError {
    guard let answer = try? WireFormat.decode(ErrorAnswer.self, from: body) else {
      return .malformedAnswer(path: socketPath, reason: "status \(status) without an explanation")
    }
    return .api(status: status, answer)
  }
}

/// The agent's answer: the value, and the bytes that it was decoded from.
package struct DecodedAnswer<Value: Sendable>: Sendable {
  package var value: Value
  /// JSON, including the final line feed.
  package var body: [UInt8]

  package init(value: Value, body: [UInt8]) { (self.value, self.body) = (value, body) }
}
