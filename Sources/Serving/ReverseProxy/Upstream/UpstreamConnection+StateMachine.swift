import HTTPMessages
import NIOCore

extension UpstreamConnection {
  /// The rules of a connection that serves one exchange after another.
  struct StateMachine {
    struct Body {
      var decoder: BodyDecoder
      /// The upstream keeps the connection open after this response.
      let isPersistent: Bool
    }

    private enum State {
      case idle
      case serving(ResponseProgress<Body>)
      case closed
    }

    private var state = State.idle
    /// The connection was used before, so that the upstream may be about to close it.
    private var isReused = false
    /// The connection failed, so that its end does not complete a body.
    private var isBroken = false

    var isServing: Bool { if case .serving = state { true } else { false } }

    mutating func serve() { state = .serving(.awaited) }

    // MARK: The response

    enum InputAction: Hashable {
      /// Close the connection. The bytes are unsolicited: the next exchange must not read them as its response.
      case close
      case parseHead
      case decodeBody
      case forwardToTunnel
      case discard
    }

    mutating func bytesReceived() {
      guard case .serving(.awaited) = state else { return }
      state = .serving(.begun)
    }

    /// What to do with input, if there is some.
    var inputAction: InputAction {
      switch state {
      case .idle: .close
      case .serving(.awaited), .serving(.begun): .parseHead
      case .serving(.body): .decodeBody
      case .serving(.tunnel): .forwardToTunnel
      case .closed: .discard
      }
    }

    /// - Parameters:
    ///   - method: of the request.
    ///   - limits: for the body.
    /// - Returns: the time limit from now on; nil if it does not change.
    mutating func receive(
      _ head: ResponseHead, for method: RequestMethod, limits: MessageLimits
    ) -> UpstreamTimeLimit? {
      guard case .serving = state, !head.isInterim else { return nil }
      guard head.status != 101 else {
        state = .serving(.tunnel)
        return .tunnel
      }
      let framing = head.framing(for: method)
      let isPersistent = head.isPersistent && framing != .untilClose
      state = .serving(.body(Body(decoder: BodyDecoder(framing, limits: limits), isPersistent: isPersistent)))
      return .progress
    }

    /// The next piece of the response's body; nil until more bytes arrive.
    mutating func nextPiece(of input: inout ByteBuffer) throws(MessageFault) -> BodyDecoder.Piece? {
      guard case .serving(.body(var body)) = state else { return nil }
      let piece = try body.decoder.next(from: &input)
      state = .serving(.body(body))
      return piece
    }

    /// The time limit after a part of the request was sent; nil if it does not change.
    func timeLimit(isRequestOver: Bool) -> UpstreamTimeLimit? {
      guard case .serving(let response) = state else { return nil }
      return response.timeLimit(isRequestOver: isRequestOver)
    }

    // MARK: Ends

    enum CompletionAction: Hashable { case reuse, close }

    /// Ends the exchange after the last piece of its response.
    ///
    /// - Parameter hasInput: whether there are bytes after the response, which are unsolicited.
    mutating func complete(isRequestOver: Bool, hasInput: Bool) -> CompletionAction {
      guard case .serving(.body(let body)) = state else { return .close }
      state = .idle
      guard body.isPersistent, isRequestOver, !hasInput else { return .close }
      isReused = true
      return .reuse
    }

    mutating func close() { state = .closed }

    mutating func connectionFailed() { isBroken = true }

    enum DisconnectAction: Hashable {
      /// No exchange was being served.
      case none
      case completeResponse
      case loseExchange(UpstreamLoss)
    }

    /// The channel was closed, by either side.
    mutating func disconnected() -> DisconnectAction {
      defer { state = .closed }
      guard case .serving(let response) = state else { return .none }
      switch response {
      case .tunnel: return .completeResponse
      case .body(let body) where body.decoder.endsWithConnection && !isBroken: return .completeResponse
      case .awaited, .begun, .body: return .loseExchange(response.loss(isReused: isReused))
      }
    }
  }
}
