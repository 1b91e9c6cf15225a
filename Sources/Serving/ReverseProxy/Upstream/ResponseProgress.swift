import NIOCore

/// How much of the response to one exchange has come from its upstream, over HTTP/1 or HTTP/2.
enum ResponseProgress<Body> {
  /// Nothing.
  case awaited
  /// A part of its head, or an interim response.
  case begun
  /// The final head. The payload is what is known of the body.
  case body(Body)
  /// The head of a 101: what follows belongs to the other protocol.
  case tunnel

  /// Called for any bytes of the response.
  mutating func bytesReceived() {
    if case .awaited = self { self = .begun }
  }

  /// The time limit for the next bytes. That of the response starts at the end of the request, however long its body
  /// takes.
  func timeLimit(isRequestOver: Bool) -> UpstreamTimeLimit {
    switch self {
    case .awaited, .begun: isRequestOver ? .beginning : .unlimited
    case .body: .progress
    case .tunnel: .tunnel
    }
  }

  /// The loss if the connection ends now.
  ///
  /// - Parameters:
  ///   - isReused: whether the connection was used before this exchange.
  ///   - isUnprocessed: whether the upstream has declared that it ignored the request.
  func loss(isReused: Bool, isUnprocessed: Bool = false) -> UpstreamLoss {
    guard case .awaited = self else { return .final }
    if isUnprocessed { return .unprocessed }
    return isReused ? .onReusedConnection : .final
  }
}

/// A time limit for an upstream that serves an exchange.
enum UpstreamTimeLimit: Hashable {
  /// No limit: the client has to complete its request first, and has a limit of its own.
  case unlimited
  /// For the response to begin.
  case beginning
  /// For progress of a response that has begun.
  case progress
  case tunnel
}

extension ProxyWorker {
  func deadline(_ limit: UpstreamTimeLimit, of exchange: Exchange) -> NIODeadline {
    switch limit {
    case .unlimited: .distantFuture
    case .beginning: deadline(exchange.responseTimeout)
    case .progress: responseDeadline
    case .tunnel: deadline(settings.timeouts.tunnel)
    }
  }
}
