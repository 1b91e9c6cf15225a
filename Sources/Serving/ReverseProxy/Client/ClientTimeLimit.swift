import NIOCore

/// A time limit for a client.
enum ClientTimeLimit: Hashable {
  case unlimited
  /// For a request head.
  case requestHead
  /// Without a byte: between requests, and in the middle of a request's body.
  case idle
  /// For progress of a response that has begun.
  case progress
  /// For an HTTP/2 client to close its idle connection after a GOAWAY.
  case closing

  /// For more of a request's body. Once a response has begun, it may depend on what the client sends hours later. While
  /// the request is held for a connection or a guest, the client is not the slow side, and that wait has a limit of its
  /// own.
  static func body(isHeld: Bool, hasBegunResponse: Bool) -> ClientTimeLimit {
    isHeld ? .unlimited : hasBegunResponse ? .progress : .idle
  }
}

extension ProxyWorker {
  func deadline(_ limit: ClientTimeLimit) -> NIODeadline {
    switch limit {
    case .unlimited: .distantFuture
    case .requestHead: deadline(settings.timeouts.requestHeader)
    case .idle: deadline(settings.timeouts.idle)
    case .progress: responseDeadline
    case .closing: deadline(.seconds(2))
    }
  }

  /// Deadline for more of the body of a request.
  func bodyDeadline(of exchange: Exchange?) -> NIODeadline {
    deadline(.body(isHeld: exchange?.isHeld ?? false, hasBegunResponse: exchange?.hasBegunResponse ?? false))
  }
}
