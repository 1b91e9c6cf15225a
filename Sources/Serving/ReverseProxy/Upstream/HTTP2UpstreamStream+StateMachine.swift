import HTTPMessages

extension HTTP2UpstreamStream {
  /// The rules of a stream that serves one exchange.
  struct StateMachine {
    struct Body {
      /// Bytes that are missing by Content-Length; nil without one.
      var missingBytes: UInt64?
    }

    private enum State {
      case serving(ResponseProgress<Body>)
      /// The exchange has its whole response, or goes on without this stream.
      case closed
    }

    private var state = State.serving(.awaited)
    /// The stream is open and owns its slot.
    private(set) var isOpen = true
    /// The whole response was received; parts of it may still wait for the client.
    private var isReceived = false
    /// The connection was used before, so that the upstream may have been about to close it.
    private let isReused: Bool

    init(isReused: Bool) { self.isReused = isReused }

    // MARK: The response

    enum HeadAction: Hashable {
      case ignore
      case forwardInterim
      case forward
    }

    /// - Parameters:
    ///   - method: of the request.
    ///   - isWhole: whether no body follows.
    mutating func receive(_ head: ResponseHead, for method: RequestMethod, isWhole: Bool) -> HeadAction {
      switch state {
      case .serving(.awaited), .serving(.begun): break
      case .serving(.body), .serving(.tunnel), .closed: return .ignore
      }
      if isWhole { isReceived = true }
      guard !head.isInterim else {
        state = .serving(.begun)
        return .forwardInterim
      }
      state = .serving(.body(Body(missingBytes: head.framing(for: method).length)))
      return .forward
    }

    /// The end of the response was received.
    mutating func responseReceived() { isReceived = true }

    var isReceivingBody: Bool { if case .serving(.body) = state { true } else { false } }

    enum BodyAction: Hashable {
      case forward
      /// Abort: the body is longer than its Content-Length.
      case refuse
    }

    /// A part of the body is passed on.
    mutating func forward(_ count: Int) -> BodyAction {
      guard case .serving(.body(let body)) = state, let missing = body.missingBytes else { return .forward }
      guard missing >= count else { return .refuse }
      state = .serving(.body(Body(missingBytes: missing - UInt64(count))))
      return .forward
    }

    enum CompletionAction: Hashable {
      /// Abort: a part of the body is missing.
      case refuse
      /// The upstream reads the rest of the request.
      case complete
      /// The upstream does not need the rest of the request.
      case completeAndReset
    }

    /// The end of the body is passed on.
    mutating func complete(isRequestOver: Bool) -> CompletionAction {
      guard case .serving(.body(let body)) = state, body.missingBytes ?? 0 == 0 else { return .refuse }
      state = .closed
      return isRequestOver ? .complete : .completeAndReset
    }

    /// The time limit after a part of the request was sent; nil if it does not change.
    func timeLimit(isRequestOver: Bool) -> UpstreamTimeLimit? {
      guard case .serving(let response) = state else { return nil }
      return response.timeLimit(isRequestOver: isRequestOver)
    }

    // MARK: Ends

    /// The slot was released for another stream.
    mutating func released() { isOpen = false }

    enum LossAction: Hashable {
      case none
      case loseExchange(UpstreamLoss)
    }

    /// The upstream has reset the stream. After a complete response it only means that the rest of the request is not
    /// needed.
    mutating func wasReset(_ code: HTTP2ErrorCode) -> LossAction {
      guard code != .refusedStream else { return wasLost(isUnprocessed: true) }
      guard !isReceived, case .serving = state else { return .none }
      state = .closed
      return .loseExchange(.final)
    }

    /// The connection was lost.
    ///
    /// - Parameter isUnprocessed: whether the upstream has declared that it ignored the request.
    mutating func wasLost(isUnprocessed: Bool) -> LossAction {
      isOpen = false
      guard !isReceived, case .serving(let response) = state else { return .none }
      state = .closed
      return .loseExchange(response.loss(isReused: isReused, isUnprocessed: isUnprocessed))
    }

    enum CloseAction: Hashable { case none, reset }

    /// Ends the stream from this side.
    mutating func close() -> CloseAction {
      state = .closed
      return isOpen ? .reset : .none
    }
  }
}

extension BodyFraming {
  /// Nil if the head does not contain it.
  fileprivate var length: UInt64? {
    switch self {
    case .none: 0
    case .length(let length): length
    case .chunked, .untilClose: nil
    }
  }
}
