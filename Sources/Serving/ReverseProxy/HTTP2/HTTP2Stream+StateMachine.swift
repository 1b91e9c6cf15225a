extension HTTP2Stream {
  /// The rules of one request and response.
  struct StateMachine {
    private enum State {
      /// The request's body is being received.
      case body
      /// The request is complete.
      case response
      /// The exchange has ended; the end of its response may still wait for the client.
      case closed
    }

    private var state = State.response
    /// Bytes that waited for the client when their time limit started.
    private var waitingBytes = 0

    var isReceivingBody: Bool { state == .body }
    var isClosed: Bool { state == .closed }

    /// - Returns: the time limit for the client.
    mutating func begin(hasBody: Bool) -> ClientTimeLimit {
      state = hasBody ? .body : .response
      return hasBody ? .idle : .unlimited
    }

    /// The end of the body was passed on.
    mutating func requestEnded() { state = .response }

    // MARK: Waiting output

    enum WaitAction: Hashable {
      case none
      case endTimeLimit
      case startTimeLimit
    }

    /// - Parameters:
    ///   - count: the bytes that wait for the client.
    ///   - hasTimeLimit: whether the client already has a time limit for them.
    mutating func outputWaits(_ count: Int, hasTimeLimit: Bool) -> WaitAction {
      guard state != .body else { return .none }
      guard count > 0 else { return .endTimeLimit }
      guard !hasTimeLimit else { return .none }
      waitingBytes = count
      return .startTimeLimit
    }

    /// Whether all output was written, so that a time limit for it ends.
    var outputEndsTimeLimit: Bool { state == .response }

    // MARK: Ends

    enum TimeoutAction: Hashable {
      /// The body of the request is late.
      case refuseClient
      /// The client has read something: the time limit starts again.
      case watchOutput
      case cancel
    }

    /// - Parameter count: the bytes that wait for the client.
    func deadlinePassed(waitingBytes count: Int) -> TimeoutAction {
      if state == .body { return .refuseClient }
      return count == 0 || count >= waitingBytes ? .cancel : .watchOutput
    }

    mutating func close() { state = .closed }
  }
}
