import HTTPMessages

extension Exchange {
  /// The rules of one request and its response.
  struct StateMachine {
    private enum State {
      /// No final response was sent: another upstream can be asked, or a failure sent.
      case pending
      /// The head of the final response was sent to the client.
      case responding(status: UInt16)
      case tunnel
      case over(status: UInt16, wasTunnel: Bool)
    }

    private var state = State.pending
    private(set) var request: RequestProgress
    private var retryPolicy = RetryPolicy()

    init(hasBody: Bool) { request = hasBody ? .head : .bodyless }

    var isOver: Bool { if case .over = state { true } else { false } }

    /// Also after the end.
    var isTunnel: Bool {
      switch state {
      case .tunnel, .over(_, wasTunnel: true): true
      case .pending, .responding, .over: false
      }
    }

    /// Of the response that the client got, or 499 if it disconnected before; 0 until that is known.
    var status: UInt16 {
      switch state {
      case .pending: 0
      case .responding(let status), .over(let status, _): status
      case .tunnel: 101
      }
    }

    // MARK: The request

    mutating func bodyReceived() {
      if request == .head { request = .body }
    }

    mutating func requestEnded() {
      if request != .bodyless { request = .whole }
    }

    // MARK: The response

    enum HeadAction: Hashable {
      case ignore
      case sendInterim
      case sendHead
      case startTunnel
      /// Abort: the upstream has switched protocols without being asked.
      case refuseSwitch
    }

    /// - Parameter asksToSwitch: whether the client wants to switch protocols.
    mutating func receive(status: UInt16, isInterim: Bool, asksToSwitch: Bool) -> HeadAction {
      if isOver { return .ignore }
      if isInterim { return .sendInterim }
      guard status == 101 else {
        state = .responding(status: status)
        return .sendHead
      }
      guard asksToSwitch else { return .refuseSwitch }
      state = .tunnel
      return .startTunnel
    }

    /// The proxy answers itself.
    mutating func answer(status: UInt16) { state = .responding(status: status) }

    // MARK: Ends

    enum LossAction: Hashable { case retry, fail }

    /// The connection to the upstream was lost.
    mutating func upstreamLost(_ loss: UpstreamLoss, method: RequestMethod) -> LossAction {
      !isOver && retryPolicy.retries(method, request, after: loss) ? .retry : .fail
    }

    enum FailureAction: Hashable {
      case ignore
      case answer
      /// End the response that has begun.
      case abort
    }

    var failureAction: FailureAction {
      switch state {
      case .pending: .answer
      case .responding, .tunnel: .abort
      case .over: .ignore
      }
    }

    enum DisconnectAction: Hashable { case ignore, cancelUpstream }

    mutating func clientDisconnected() -> DisconnectAction {
      if isOver { return .ignore }
      if case .pending = state { state = .responding(status: 499) }
      return .cancelUpstream
    }

    mutating func finish() { state = .over(status: status, wasTunnel: isTunnel) }
  }
}

/// How much of a request has come from the client and was passed on.
enum RequestProgress: Hashable {
  /// All of it, because it has no body.
  case bodyless
  /// Its head.
  case head
  /// Its head and a part of its body.
  case body
  /// All of it, with a body.
  case whole

  var isOver: Bool { self == .bodyless || self == .whole }
}
