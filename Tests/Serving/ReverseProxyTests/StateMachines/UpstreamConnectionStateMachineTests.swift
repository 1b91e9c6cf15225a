import HTTPMessages
import NIOCore
import Testing

@testable import ReverseProxy

@Suite struct UpstreamConnectionStateMachineTests {
  private typealias Machine = UpstreamConnection.StateMachine

  /// Each state of a connection, with what led to it.
  private enum Situation: CaseIterable {
    case new, awaited, begun, interim, body, bodyUntilClose, tunnel
    /// After a complete exchange, and in the next one.
    case idle, awaitedAgain, begunAgain
    case closed

    func machine() throws -> Machine {
      var machine = Machine()
      switch self {
      case .new: break
      case .awaited: machine.serve()
      case .begun: try machine.serve(upTo: "")
      case .interim: try machine.serve(upTo: "HTTP/1.1 100 Continue\r\n\r\n")
      case .body: try machine.serve(upTo: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
      case .bodyUntilClose: try machine.serve(upTo: "HTTP/1.1 200 OK\r\n\r\n")
      case .tunnel: try machine.serve(upTo: "HTTP/1.1 101 Switching Protocols\r\n\r\n")
      case .idle:
        try machine.serve(upTo: "HTTP/1.1 204 No Content\r\n\r\n")
        _ = machine.complete(isRequestOver: true, hasInput: false)
      case .awaitedAgain:
        machine = try Situation.idle.machine()
        machine.serve()
      case .begunAgain:
        machine = try Situation.idle.machine()
        try machine.serve(upTo: "")
      case .closed: machine.close()
      }
      return machine
    }
  }

  @Test(arguments: [
    (Situation.new, Machine.InputAction.close), (.idle, .close), (.awaited, .parseHead), (.begun, .parseHead),
    (.interim, .parseHead), (.awaitedAgain, .parseHead), (.body, .decodeBody), (.bodyUntilClose, .decodeBody),
    (.tunnel, .forwardToTunnel), (.closed, .discard),
  ])
  private func inputBelongsToTheState(situation: Situation, action: Machine.InputAction) throws {
    #expect(try situation.machine().inputAction == action)
  }

  @Test(arguments: [
    (Situation.new, Machine.DisconnectAction.none), (.idle, .none), (.closed, .none),
    (.awaited, .loseExchange(.final)), (.begun, .loseExchange(.final)), (.interim, .loseExchange(.final)),
    (.awaitedAgain, .loseExchange(.onReusedConnection)), (.begunAgain, .loseExchange(.final)),
    (.body, .loseExchange(.final)), (.bodyUntilClose, .completeResponse), (.tunnel, .completeResponse),
  ])
  private func theEndOfTheConnectionEndsTheExchange(
    situation: Situation, action: Machine.DisconnectAction
  ) throws {
    var machine = try situation.machine()
    let first = machine.disconnected()
    let second = machine.disconnected()
    #expect(first == action && second == .none)
    #expect(machine.inputAction == .discard && !machine.isServing)
  }

  @Test(arguments: [
    (Situation.bodyUntilClose, Machine.DisconnectAction.loseExchange(.final)), (.tunnel, .completeResponse),
    (.awaitedAgain, .loseExchange(.onReusedConnection)),
  ])
  private func anErrorDoesNotCompleteABody(situation: Situation, action: Machine.DisconnectAction) throws {
    var machine = try situation.machine()
    machine.connectionFailed()
    let first = machine.disconnected()
    #expect(first == action)
  }

  @Test(arguments: Situation.allCases) private func servesFromItsRequestToItsEnd(situation: Situation) throws {
    let isServing =
      switch situation {
      case .new, .idle, .closed: false
      case .awaited, .begun, .interim, .body, .bodyUntilClose, .tunnel, .awaitedAgain, .begunAgain: true
      }
    var machine = try situation.machine()
    #expect(machine.isServing == isServing)
    #expect((machine.timeLimit(isRequestOver: true) != nil) == isServing)
    machine.close()
    #expect(!machine.isServing && machine.inputAction == .discard)
  }

  @Test(arguments: [
    (Situation.awaited, UpstreamTimeLimit.unlimited, UpstreamTimeLimit.beginning), (.begun, .unlimited, .beginning),
    (.interim, .unlimited, .beginning), (.body, .progress, .progress), (.tunnel, .tunnel, .tunnel),
  ])
  private func timeLimitFollowsTheResponse(
    situation: Situation, during: UpstreamTimeLimit, after: UpstreamTimeLimit
  ) throws {
    #expect(try situation.machine().timeLimit(isRequestOver: false) == during)
    #expect(try situation.machine().timeLimit(isRequestOver: true) == after)
  }

  @Test(arguments: [
    ("HTTP/1.1 100 Continue\r\n\r\n", UpstreamTimeLimit?(nil), Machine.InputAction.parseHead),
    ("HTTP/1.1 103 Early Hints\r\n\r\n", nil, .parseHead),
    ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .tunnel, .forwardToTunnel),
    ("HTTP/1.1 200 OK\r\n\r\n", .progress, .decodeBody), ("HTTP/1.1 204 No Content\r\n\r\n", .progress, .decodeBody),
  ])
  private func aHeadDeterminesWhatFollows(
    text: String, limit: UpstreamTimeLimit?, action: Machine.InputAction
  ) throws {
    var machine = Machine()
    machine.serve()
    machine.bytesReceived()
    let changed = machine.receive(try ResponseHead(text), for: .get, limits: MessageLimits())
    #expect(changed == limit && machine.inputAction == action)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true),
    ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n", true),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false),
    ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false), ("HTTP/1.1 200 OK\r\n\r\n", false),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", false),
  ])
  func isReusedIfTheUpstreamKeepsItOpen(text: String, isPersistent: Bool) throws {
    for (isRequestOver, hasInput) in [(true, false), (true, true), (false, false), (false, true)] {
      var machine = Machine()
      try machine.serve(upTo: text)
      let action = machine.complete(isRequestOver: isRequestOver, hasInput: hasInput)
      #expect(action == (isPersistent && isRequestOver && !hasInput ? .reuse : .close))
      #expect(!machine.isServing && machine.inputAction == .close)
    }
  }

  /// A response to HEAD has no body, whatever its Content-Length.
  @Test(arguments: [
    (RequestMethod.get, "abc", "ab", 1), (.get, "a", "a", 0), (.head, "abc", "", 3), (.head, "", "", 0),
  ])
  func bodyHasTheLengthOfItsHead(method: RequestMethod, input: String, body: String, rest: Int) throws {
    var machine = Machine()
    machine.serve()
    _ = machine.receive(
      try ResponseHead("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), for: method, limits: MessageLimits())
    var bytes = ByteBuffer(string: input)
    var received = ""
    var isOver = false
    while let piece = try machine.nextPiece(of: &bytes) {
      switch piece {
      case .bytes(let part): received += String(buffer: part)
      case .end: isOver = true
      }
    }
    #expect(received == body && bytes.readableBytes == rest && isOver == (method == .head || body == "ab"))
  }

  @Test func aBrokenBodyIsAnError() throws {
    var machine = Machine()
    try machine.serve(upTo: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    var bytes = ByteBuffer(string: "x\r\n")
    #expect(throws: MessageFault.chunk) { _ = try machine.nextPiece(of: &bytes) }
    #expect(machine.isServing)
  }

  @Test(arguments: [Situation.new, .idle, .awaited, .tunnel, .closed])
  private func thereIsNoBodyWithoutAHead(situation: Situation) throws {
    var machine = try situation.machine()
    var bytes = ByteBuffer(string: "abc")
    let piece = try machine.nextPiece(of: &bytes)
    #expect(piece == nil && bytes.readableBytes == 3)
  }
}

extension UpstreamConnection.StateMachine {
  /// Serves an exchange up to a head of its response; up to a part of a head if the text is empty.
  fileprivate mutating func serve(upTo text: String) throws {
    serve()
    bytesReceived()
    if !text.isEmpty { _ = receive(try ResponseHead(text), for: .get, limits: MessageLimits()) }
  }
}

extension ResponseHead {
  fileprivate init(_ text: String) throws { try self.init(ByteBuffer(string: text), limits: MessageLimits()) }
}
