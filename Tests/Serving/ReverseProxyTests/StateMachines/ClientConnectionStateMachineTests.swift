import HTTPMessages
import NIOCore
import Testing

@testable import ReverseProxy

@Suite struct ClientConnectionStateMachineTests {
  private typealias Machine = ClientConnection.StateMachine

  private static let end = NIODeadline.uptimeNanoseconds(1000)

  /// Each state of a connection, with what led to it.
  private enum Situation: CaseIterable {
    case new
    /// Between two requests, without and with a part of the next one.
    case idle, partialHead
    /// Between two requests, while the client does not read.
    case blocked, blockedWithInput
    case body, response, tunnel
    /// While output is being sent, and after that.
    case lingering, lingeringUntilEnd
    case closed

    func machine(isInputClosed: Bool = false) throws -> Machine {
      var machine = Machine()
      switch self {
      case .new: break
      case .idle: machine = try .served(isWritable: true, hasInput: false)
      case .partialHead: machine = try .served(isWritable: true, hasInput: true)
      case .blocked: machine = try .served(isWritable: false, hasInput: false)
      case .blockedWithInput: machine = try .served(isWritable: false, hasInput: true)
      case .body: _ = machine.begin(try .put(), limits: MessageLimits(), isDraining: false)
      case .response: _ = machine.begin(try .get(), limits: MessageLimits(), isDraining: false)
      case .tunnel: machine.startTunnel()
      case .lingering: machine.linger()
      case .lingeringUntilEnd:
        machine.linger()
        _ = machine.outputSent(lingeringUntil: ClientConnectionStateMachineTests.end)
      case .closed: machine.close()
      }
      if isInputClosed { machine.inputClosed() }
      return machine
    }
  }

  // MARK: Input

  @Test(arguments: [
    (Situation.new, Machine.ReadAction.read), (.idle, .read), (.partialHead, .read), (.blocked, .pause),
    (.blockedWithInput, .pause), (.body, .readIfBodyIsAccepted), (.tunnel, .readIfBodyIsAccepted),
    (.response, .readIfThereIsRoom), (.lingering, .read), (.lingeringUntilEnd, .read), (.closed, .pause),
  ])
  private func readsWhatItCanProcess(situation: Situation, action: Machine.ReadAction) throws {
    #expect(try situation.machine().readAction == action)
  }

  @Test(arguments: [
    (Situation.new, Machine.InputAction.parseHead), (.idle, .parseHead), (.partialHead, .parseHead),
    (.blocked, .wait), (.blockedWithInput, .wait), (.body, .decodeBody), (.response, .wait),
    (.tunnel, .forwardToTunnel), (.lingering, .linger(until: nil)), (.lingeringUntilEnd, .linger(until: end)),
    (.closed, .discard),
  ])
  private func inputBelongsToTheState(situation: Situation, action: Machine.InputAction) throws {
    #expect(try situation.machine().inputAction == action)
    #expect(try situation.machine(isInputClosed: true).inputAction == action)
  }

  @Test(arguments: [
    (Situation.new, Machine.InputEndAction.linger), (.idle, .linger), (.partialHead, .linger), (.blocked, .wait),
    (.blockedWithInput, .wait), (.body, .close), (.response, .wait), (.tunnel, .endTunnelInput), (.lingering, .wait),
    (.lingeringUntilEnd, .close), (.closed, .wait),
  ])
  private func theEndOfTheInputEndsWhatNeedsMore(situation: Situation, action: Machine.InputEndAction) throws {
    #expect(try situation.machine(isInputClosed: true).inputEndAction == action)
    #expect(try situation.machine().inputEndAction == .wait)
  }

  /// The time limit of a head starts with its first byte, and the first request of a connection has it from the start.
  @Test(arguments: Situation.allCases) private func theFirstByteOfAHeadStartsItsTimeLimit(situation: Situation) throws {
    var machine = try situation.machine()
    let (first, second) = (machine.bytesReceived(), machine.bytesReceived())
    #expect(first == (situation == .idle || situation == .blocked ? .requestHead : nil) && second == nil)
    #expect(try machine.inputAction == situation.machine().inputAction)
  }

  @Test(arguments: Situation.allCases) private func isIdleBetweenRequests(situation: Situation) throws {
    let isBetween = [Situation.new, .idle, .partialHead, .blocked, .blockedWithInput].contains(situation)
    #expect(try situation.machine().isAwaitingRequest == isBetween)
    #expect(try situation.machine().isReceivingBody == (situation == .body))
  }

  // MARK: The request

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ClientTimeLimit.unlimited, Machine.InputAction.wait, false, true),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", .unlimited, .wait, true, true),
    ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", .unlimited, .wait, true, false),
    ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", .idle, .decodeBody, false, true),
    ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", .unlimited, .wait, false, true),
    ("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .idle, .decodeBody, false, true),
  ])
  private func aHeadBeginsARequest(
    text: String, limit: ClientTimeLimit, action: Machine.InputAction, closes: Bool, isHTTP11: Bool
  ) throws {
    for isDraining in [false, true] {
      var machine = Machine()
      let set = machine.begin(try RequestHead(text), limits: MessageLimits(), isDraining: isDraining)
      #expect(set == limit && machine.inputAction == action && machine.isHTTP11 == isHTTP11)
      #expect(machine.encoding.closes == (closes || isDraining) && !machine.encoding.isChunked)
    }
  }

  @Test func bodyEndsTheRequest() throws {
    var machine = try Situation.body.machine()
    var input = ByteBuffer(string: "abGET")
    guard case .bytes(let bytes) = try machine.nextPiece(of: &input) else { throw MessageFault.chunk }
    #expect(String(buffer: bytes) == "ab" && machine.isReceivingBody)
    guard case .end = try machine.nextPiece(of: &input) else { throw MessageFault.chunk }
    #expect(!machine.isReceivingBody && machine.inputAction == .wait)
    let more = try machine.nextPiece(of: &input)
    #expect(more == nil && input.readableBytes == 3)
  }

  @Test func aBrokenBodyIsAnError() throws {
    var machine = Machine()
    let head = try RequestHead("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    _ = machine.begin(head, limits: MessageLimits(), isDraining: false)
    var input = ByteBuffer(string: "x\r\n")
    #expect(throws: MessageFault.chunk) { _ = try machine.nextPiece(of: &input) }
    #expect(machine.isReceivingBody)
  }

  @Test(arguments: [
    (false, false, ClientTimeLimit.idle), (false, true, .progress), (true, false, .unlimited), (true, true, .unlimited),
  ])
  func timeLimitOfABodyFollowsTheExchange(isHeld: Bool, hasBegunResponse: Bool, limit: ClientTimeLimit) {
    #expect(ClientTimeLimit.body(isHeld: isHeld, hasBegunResponse: hasBegunResponse) == limit)
  }

  // MARK: The response

  @Test(arguments: [
    (BodyFraming.none, false), (.length(2), false), (.chunked, true), (.untilClose, true),
  ])
  func aBodyOfUnknownLengthIsChunked(framing: BodyFraming, isChunked: Bool) throws {
    var machine = try Situation.response.machine()
    machine.beginResponse(framing)
    #expect(machine.encoding.isChunked == isChunked && !machine.encoding.closes)
    // HTTP/1.0 has no chunks: the end of the connection ends the body.
    machine = Machine()
    let head = try RequestHead("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
    _ = machine.begin(head, limits: MessageLimits(), isDraining: false)
    machine.beginResponse(framing)
    #expect(!machine.encoding.isChunked && machine.encoding.closes)
  }

  /// The client is asked to stop.
  @Test func aResponseDuringTheRequestIsTheLast() throws {
    var machine = try Situation.body.machine()
    machine.beginResponse(.length(2))
    #expect(machine.encoding.closes)
    let action = machine.endResponse(isDraining: false, isWritable: true, hasInput: false)
    #expect(action == .linger)
  }

  @Test(arguments: [
    (true, false, ClientTimeLimit.idle, Situation.idle), (true, true, .requestHead, .partialHead),
    (false, false, .progress, .blocked), (false, true, .progress, .blockedWithInput),
  ])
  private func theNextRequestIsAwaitedAfterAResponse(
    isWritable: Bool, hasInput: Bool, limit: ClientTimeLimit, next: Situation
  ) throws {
    var machine = try Situation.response.machine()
    let action = machine.endResponse(isDraining: false, isWritable: isWritable, hasInput: hasInput)
    #expect(action == .awaitRequest(limit))
    #expect(try machine.inputAction == next.machine().inputAction && machine.isAwaitingRequest)
    // The client reads again.
    guard !isWritable else { return }
    let still = machine.writabilityChanged(isWritable: false, hasInput: hasInput)
    let resumed = machine.writabilityChanged(isWritable: true, hasInput: hasInput)
    #expect(still == .none && resumed == .resume(hasInput ? .requestHead : .idle))
    #expect(machine.inputAction == .parseHead)
  }

  @Test(arguments: Situation.allCases) private func theLastResponseIsFollowedByLingering(situation: Situation) throws {
    let action: Machine.ResponseEndAction =
      switch situation {
      case .body, .response, .tunnel: .linger
      case .new, .idle, .partialHead, .blocked, .blockedWithInput, .lingering, .lingeringUntilEnd, .closed: .none
      }
    var (closing, draining) = (try situation.machine(), try situation.machine())
    closing.closeAfterResponse()
    let actions = [
      closing.endResponse(isDraining: false, isWritable: true, hasInput: false),
      draining.endResponse(isDraining: true, isWritable: true, hasInput: false),
    ]
    #expect(actions == [action, action])
  }

  @Test(arguments: Situation.allCases) private func aSlowReaderHasATimeLimit(situation: Situation) throws {
    var machine = try situation.machine()
    let blocked = machine.writabilityChanged(isWritable: false, hasInput: false)
    #expect(blocked == (situation == .response ? .setTimeLimit(.progress) : .none))
    let writable = machine.writabilityChanged(isWritable: true, hasInput: false)
    switch situation {
    case .response: #expect(writable == .setTimeLimit(.unlimited))
    case .blocked, .blockedWithInput: #expect(writable == .resume(.idle))
    default: #expect(writable == .none)
    }
  }

  // MARK: Ends

  @Test(arguments: [
    (Situation.new, Machine.TimeoutAction.linger, Machine.TimeoutAction.refuseClient), (.idle, .linger, .refuseClient),
    (.partialHead, .linger, .refuseClient), (.blocked, .close, .close), (.blockedWithInput, .close, .close),
    (.body, .refuseClient, .refuseClient), (.response, .close, .close), (.tunnel, .close, .close),
    (.lingering, .close, .close), (.lingeringUntilEnd, .close, .close), (.closed, .close, .close),
  ])
  private func aTimeLimitEndsTheConnection(
    situation: Situation, without: Machine.TimeoutAction, with: Machine.TimeoutAction
  ) throws {
    #expect(try situation.machine().deadlinePassed(hasInput: false) == without)
    #expect(try situation.machine().deadlinePassed(hasInput: true) == with)
  }

  @Test(arguments: Situation.allCases) private func drainingEndsIdleConnectionsAtOnce(situation: Situation) throws {
    var machine = try situation.machine()
    let isIdle = machine.isAwaitingRequest
    let action = machine.drain()
    #expect(action == (isIdle ? .linger : .none) && machine.encoding.closes == !isIdle)
  }

  @Test func aRefusalIsTheLastResponse() throws {
    var machine = try Situation.partialHead.machine()
    machine.refuse()
    #expect(machine.encoding.closes && !machine.isHTTP11 && machine.inputAction == .wait)
    let action = machine.endResponse(isDraining: false, isWritable: true, hasInput: false)
    #expect(action == .linger)
  }

  @Test(arguments: Situation.allCases) private func lingeringStartsWithTheEndOfTheOutput(situation: Situation) throws {
    let isLingering = situation == .lingering || situation == .lingeringUntilEnd
    var machine = try situation.machine()
    let action = machine.outputSent(lingeringUntil: Self.end)
    #expect(action == (isLingering ? .wait : .none))
    if isLingering { #expect(machine.inputAction == .linger(until: Self.end)) }
    var finished = try situation.machine(isInputClosed: true)
    let finishedAction = finished.outputSent(lingeringUntil: Self.end)
    #expect(finishedAction == (isLingering ? .close : .none))
  }
}

extension ClientConnection.StateMachine {
  /// After a first request.
  fileprivate static func served(isWritable: Bool, hasInput: Bool) throws -> Self {
    var machine = Self()
    _ = machine.begin(try .get(), limits: MessageLimits(), isDraining: false)
    _ = machine.endResponse(isDraining: false, isWritable: isWritable, hasInput: hasInput)
    return machine
  }
}

extension RequestHead {
  fileprivate init(_ text: String) throws { try self.init(ByteBuffer(string: text), limits: MessageLimits()) }

  fileprivate static func get() throws -> RequestHead { try RequestHead("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }

  fileprivate static func put() throws -> RequestHead {
    try RequestHead("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
  }
}
