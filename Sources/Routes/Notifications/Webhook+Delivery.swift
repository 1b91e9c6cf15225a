import HTTPTransport

extension Webhook {
  func deliver(_ notice: Notice, by client: HTTPClient) async -> DeliveryResult {
    do throws(HTTPTransportError) {
      return Self.result(of: try await client.send(request(for: notice)))
    } catch {
      return .failed(reason: Self.reason(of: error))
    }
  }

  /// Any 2xx status counts as delivered: ntfy and Gotify send 200, Discord 204.
  static func result(of answer: HTTPResponse) -> DeliveryResult {
    // Without the reason phrase and the body: a server may repeat the request there, including the token.
    let reason = "it answered \(answer.status)"
    switch answer.status {
    case 200..<300: return .delivered(answer: reason)
    // Not 404: a reverse proxy sends it while the service behind it restarts.
    case 300..<400: return .refused(reason: "\(reason): redirects are not followed, name the final URL")
    case 400, 413, 422: return .refused(reason: "\(reason): it does not take this message")
    case 401, 403: return .refused(reason: "\(reason): it wants another token")
    default:
      return .failed(
        reason: reason,
        retryAfter: answer.header("Retry-After").flatMap { Double($0) }.flatMap {
          (0...86400).contains($0) ? .seconds($0) : nil
        })
    }
  }

  /// Contains nothing of the URL but the scheme and host, which are logged beside the reason.
  private static func reason(of error: HTTPTransportError) -> String {
    switch error {
    case .invalidURL: "its URL cannot be requested"
    case .nameNotResolved: "no address was found for its name"
    default: error.description
    }
  }
}
