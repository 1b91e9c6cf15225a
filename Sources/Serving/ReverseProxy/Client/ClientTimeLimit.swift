import NIOCore

/// A time limit for a client.
enum ClientTimeLimit: Hashable {
  case none
  /// For a request head.
  case requestHead
  /// Without a byte: between requests, and in the middle of a request's body.
  case idle
  /// For progress of a response that has begun.
  case progress

  /// For more of a request's body. Once a response has begun, it may depend on what the client sends hours later. In a
  /// queue the client is not the slow side, and the queue has its own time limit.
  static func body(isQueued: Bool, hasBegunResponse: Bool) -> ClientTimeLimit {
    isQueued ? .none : hasBegunResponse ? .progress : .idle
  }
}

extension ProxyWorker {
  func deadline(_ limit: ClientTimeLimit) -> NIODeadline {
    switch limit {
    case .none: .distantFuture
    case .requestHead: deadline(settings.timeouts.requestHeader)
    case .idle: deadline(settings.timeouts.idle)
    case .progress: responseDeadline
    }
  }

  /// Deadline for more of the body of a request.
  func bodyDeadline(of exchange: Exchange?) -> NIODeadline {
    deadline(.body(isQueued: exchange?.isQueued ?? false, hasBegunResponse: exchange?.hasBegunResponse ?? false))
  }
}
