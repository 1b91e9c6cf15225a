import HTTPMessages
import NIOCore

extension ClientConnection {
  /// The rules of a connection whose exchanges follow each other in the order of the requests.
  struct StateMachine {
    private enum State {
      /// The next request is awaited.
      ///
      /// - isIdle: a request was served and no byte of the next one has come, so that its header deadline does not apply
      ///   yet.
      /// - isBlocked: the client has to read earlier responses first.
      case head(isIdle: Bool, isBlocked: Bool)
      case body(BodyDecoder)
      /// The request is complete; further input belongs to the next ones.
      case response
      case tunnel
      /// The last response was sent. Input is read and dropped, so that no reset destroys the response (RFC 9112 §9.6).
      /// The time limit is set once all output is sent.
      case lingering(until: NIODeadline?)
      case closed
    }

    private var state = State.head(isIdle: false, isBlocked: false)
    /// How the response in progress is framed.
    private(set) var encoding = ResponseEncoder()
    /// The request in progress is HTTP/1.1, whose clients know chunks and interim responses.
    private(set) var isHTTP11 = false
    /// The client has closed its sending side and may still read (RFC 9112 §9.6).
    private var isInputClosed = false

    var isAwaitingRequest: Bool { if case .head = state { true } else { false } }
    var isReceivingBody: Bool { if case .body = state { true } else { false } }

    // MARK: Input

    enum ReadAction: Hashable {
      case read, pause
      case readIfBodyIsAccepted
      /// Read if not too much input waits already.
      case readIfThereIsRoom
    }

    var readAction: ReadAction {
      switch state {
      case .head(_, isBlocked: true), .closed: .pause
      case .head, .lingering: .read
      case .body, .tunnel: .readIfBodyIsAccepted
      case .response: .readIfThereIsRoom
      }
    }

    /// - Returns: the time limit from now on; nil if it does not change.
    mutating func bytesReceived() -> ClientTimeLimit? {
      guard case .head(isIdle: true, let isBlocked) = state else { return nil }
      state = .head(isIdle: false, isBlocked: isBlocked)
      return .requestHead
    }

    mutating func inputClosed() { isInputClosed = true }

    enum InputAction: Hashable {
      case wait
      case parseHead
      case decodeBody
      case forwardToTunnel
      case discard
      /// Discard the input. If there is some, the time limit starts again, up to the end; nil until all output is sent.
      case linger(until: NIODeadline?)
    }

    var inputAction: InputAction {
      switch state {
      case .head(_, isBlocked: true), .response: .wait
      case .head: .parseHead
      case .body: .decodeBody
      case .tunnel: .forwardToTunnel
      case .lingering(let end): .linger(until: end)
      case .closed: .discard
      }
    }

    enum InputEndAction: Hashable { case wait, linger, close, endTunnelInput }

    /// What to do if there is no further piece in the input.
    var inputEndAction: InputEndAction {
      guard isInputClosed else { return .wait }
      switch state {
      case .head(_, isBlocked: false): return .linger
      // A part of the request is missing.
      case .body: return .close
      case .tunnel: return .endTunnelInput
      case .lingering(.some): return .close
      case .head, .response, .lingering, .closed: return .wait
      }
    }

    /// - Parameter limits: for its body.
    /// - Returns: the time limit for the client.
    mutating func begin(_ head: RequestHead, limits: MessageLimits, isDraining: Bool) -> ClientTimeLimit {
      encoding = ResponseEncoder(isChunked: false, closes: !head.isPersistent || isDraining)
      isHTTP11 = head.minorVersion == 1
      guard head.framing != .none else {
        state = .response
        return .unlimited
      }
      state = .body(BodyDecoder(head.framing, limits: limits))
      return .idle
    }

    /// The next piece of the request's body; nil until more bytes arrive. The end is that of the request.
    mutating func nextPiece(of input: inout ByteBuffer) throws(MessageFault) -> BodyDecoder.Piece? {
      guard case .body(var decoder) = state else { return nil }
      let piece = try decoder.next(from: &input)
      state = decoder.isOver ? .response : .body(decoder)
      return piece
    }

    // MARK: The response

    mutating func beginResponse(_ framing: BodyFraming) {
      // An upstream that answers before the request has ended does not read the rest of it: ask the client to stop.
      if isReceivingBody { encoding.closes = true }
      let isChunked = framing == .chunked || framing == .untilClose
      if isChunked, !isHTTP11 {
        encoding.closes = true
      } else {
        encoding.isChunked = isChunked
      }
    }

    mutating func startTunnel() { state = .tunnel }

    enum ResponseEndAction: Hashable {
      case none
      case awaitRequest(ClientTimeLimit)
      case linger
    }

    /// The response is complete.
    ///
    /// - Parameter hasInput: whether there are bytes of the next request.
    mutating func endResponse(isDraining: Bool, isWritable: Bool, hasInput: Bool) -> ResponseEndAction {
      switch state {
      case .response where !encoding.closes && !isDraining:
        return .awaitRequest(awaitRequest(isWritable: isWritable, hasInput: hasInput))
      case .response, .body, .tunnel: return .linger
      case .head, .lingering, .closed: return .none
      }
    }

    /// Starts no further request while the client does not read earlier responses, which would pile up.
    private mutating func awaitRequest(isWritable: Bool, hasInput: Bool) -> ClientTimeLimit {
      state = .head(isIdle: !hasInput, isBlocked: !isWritable)
      // For a paused download: the client has to read the rest of it.
      guard isWritable else { return .progress }
      return hasInput ? .requestHead : .idle
    }

    enum WritabilityAction: Hashable {
      case none
      case setTimeLimit(ClientTimeLimit)
      case resume(ClientTimeLimit)
    }

    mutating func writabilityChanged(isWritable: Bool, hasInput: Bool) -> WritabilityAction {
      switch state {
      case .response: return .setTimeLimit(isWritable ? .unlimited : .progress)
      case .head(_, isBlocked: true) where isWritable:
        return .resume(awaitRequest(isWritable: true, hasInput: hasInput))
      case .head, .body, .tunnel, .lingering, .closed: return .none
      }
    }

    // MARK: Ends

    /// No request follows the one in progress.
    mutating func closeAfterResponse() { encoding.closes = true }

    /// Input that is no request, or an incomplete one, gets a response.
    mutating func refuse() {
      encoding = ResponseEncoder(isChunked: false, closes: true)
      isHTTP11 = false
      state = .response
    }

    enum DrainAction: Hashable { case none, linger }

    mutating func drain() -> DrainAction {
      if isAwaitingRequest { return .linger }
      encoding.closes = true
      return .none
    }

    enum TimeoutAction: Hashable { case close, linger, refuseClient }

    func deadlinePassed(hasInput: Bool) -> TimeoutAction {
      switch state {
      case .head(_, isBlocked: true): .close
      case .head: hasInput ? .refuseClient : .linger
      case .body: .refuseClient
      case .response, .tunnel, .lingering, .closed: .close
      }
    }

    mutating func linger() { state = .lingering(until: nil) }

    enum LingerAction: Hashable { case none, wait, close }

    /// All output was sent, so that the client can see its end.
    mutating func outputSent(lingeringUntil end: NIODeadline) -> LingerAction {
      guard case .lingering = state else { return .none }
      guard !isInputClosed else { return .close }
      state = .lingering(until: end)
      return .wait
    }

    mutating func close() { state = .closed }
  }
}
