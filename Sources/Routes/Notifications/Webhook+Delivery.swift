import HTTPTransport

extension Webhook {
  func deliver(_ notice: Notice, by client: HTTPClient) async -> DeliveryResult {
    do throws(HTTPTransportError) {
      return Self.result(of: try await client.send(request(for: notice)))
    } catch {
      return .failed(reason: Self.reason(of: error))
    }
  }

  /// Any 2xx is a delivery: ntfy and Gotify say 200, Discord 204.
  static func result(of answer: HTTPResponse) -> DeliveryResult {
    // Not its reason phrase or its body: a server may repeat there what it was sent, the token included.
    let reason = "it answered \(answer.status)"
    switch answer.status {
    case 200..<300: return .delivered
    // Not 404, which a reverse proxy says while the service behind it restarts.
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

  /// Nothing of the URL but scheme and host, which stand beside the reason.
  private static func reason(of error: HTTPTransportError) -> String {
    switch error {
    case .invalidURL: "its URL cannot be requested"
    case .nameNotResolved: "no address was found for its name"
    default: error.description
    }
  }
}
