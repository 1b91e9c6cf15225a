import HTTPMessages
import NIOCore
import Testing

@testable import ReverseProxy

@Suite struct HTTP2UpstreamStreamStateMachineTests {
  private typealias Machine = HTTP2UpstreamStream.StateMachine

  /// Each state of a stream, with what led to it.
  private enum Situation: CaseIterable {
    case awaited, interim, body
    /// The whole response was received, and the client has not taken all of it.
    case received
    case complete, closed

    func machine(isReused: Bool = false) throws -> Machine {
      var machine = Machine(isReused: isReused)
      switch self {
      case .awaited: break
      case .interim: _ = machine.receive(try ResponseHead(status: 103), for: .get, isWhole: false)
      case .body: _ = machine.receive(try ResponseHead(status: 200, length: 2), for: .get, isWhole: false)
      case .received:
        _ = machine.receive(try ResponseHead(status: 200, length: 2), for: .get, isWhole: false)
        machine.responseReceived()
      case .complete:
        _ = machine.receive(try ResponseHead(status: 204), for: .get, isWhole: true)
        _ = machine.complete(isRequestOver: true)
      case .closed: _ = machine.close()
      }
      return machine
    }
  }

  // MARK: The response

  @Test(arguments: [
    (Situation.awaited, Machine.HeadAction.forwardInterim, Machine.HeadAction.forward),
    (.interim, .forwardInterim, .forward), (.body, .ignore, .ignore), (.received, .ignore, .ignore),
    (.complete, .ignore, .ignore), (.closed, .ignore, .ignore),
  ])
  private func headsAreForwardedUntilTheFinalOne(
    situation: Situation, interim: Machine.HeadAction, final: Machine.HeadAction
  ) throws {
    var machine = try situation.machine()
    let first = machine.receive(try ResponseHead(status: 103), for: .get, isWhole: false)
    let second = machine.receive(try ResponseHead(status: 200), for: .get, isWhole: false)
    let third = machine.receive(try ResponseHead(status: 200), for: .get, isWhole: false)
    #expect(first == interim && second == final && third == .ignore)
  }

  @Test(arguments: Situation.allCases) private func bodyFollowsTheFinalHead(situation: Situation) throws {
    #expect(try situation.machine().isReceivingBody == (situation == .body || situation == .received))
  }

  @Test(arguments: [
    (RequestMethod.get, UInt64?(5), [2, 3], Machine.BodyAction.forward, Machine.CompletionAction.complete),
    (.get, 5, [2, 4], .refuse, .refuse), (.get, 5, [2, 2], .forward, .refuse),
    (.get, nil, [2, 3], .forward, .complete),
    (.head, 5, [], .forward, .complete), (.head, 5, [1], .refuse, .complete),
  ])
  private func bodyHasTheLengthOfItsHead(
    method: RequestMethod, length: UInt64?, pieces: [Int], last: Machine.BodyAction, end: Machine.CompletionAction
  ) throws {
    var machine = Machine(isReused: false)
    _ = machine.receive(try ResponseHead(status: 200, length: length), for: method, isWhole: false)
    let actions = pieces.map { machine.forward($0) }
    #expect(actions.dropLast().allSatisfy { $0 == .forward } && actions.last ?? .forward == last)
    let completion = machine.complete(isRequestOver: true)
    #expect(completion == end)
  }

  @Test(arguments: [
    (Situation.awaited, Machine.CompletionAction.refuse, Machine.CompletionAction.refuse),
    (.closed, .refuse, .refuse), (.body, .complete, .completeAndReset), (.received, .complete, .completeAndReset),
  ])
  private func theEndOfTheBodyEndsTheExchange(
    situation: Situation, afterRequest: Machine.CompletionAction, duringRequest: Machine.CompletionAction
  ) throws {
    for (isRequestOver, action) in [(true, afterRequest), (false, duringRequest)] {
      var machine = try situation.machine()
      _ = machine.forward(2)
      let completion = machine.complete(isRequestOver: isRequestOver)
      #expect(completion == action && !machine.isReceivingBody)
      // The slot still belongs to the stream.
      #expect(machine.isOpen)
    }
  }

  @Test(arguments: [
    (Situation.awaited, UpstreamTimeLimit?(.unlimited), UpstreamTimeLimit?(.beginning)),
    (.interim, .unlimited, .beginning),
    (.body, .progress, .progress), (.received, .progress, .progress), (.complete, nil, nil), (.closed, nil, nil),
  ])
  private func timeLimitFollowsTheResponse(
    situation: Situation, during: UpstreamTimeLimit?, after: UpstreamTimeLimit?
  ) throws {
    #expect(try situation.machine().timeLimit(isRequestOver: false) == during)
    #expect(try situation.machine().timeLimit(isRequestOver: true) == after)
  }

  // MARK: Ends

  private static let losses: [(Situation, isReused: Bool, isUnprocessed: Bool, action: Machine.LossAction)] = [
    (.awaited, false, false, .loseExchange(.final)), (.awaited, true, false, .loseExchange(.onReusedConnection)),
    (.awaited, false, true, .loseExchange(.unprocessed)), (.awaited, true, true, .loseExchange(.unprocessed)),
    (.interim, true, true, .loseExchange(.final)), (.body, true, true, .loseExchange(.final)),
    (.received, true, true, .none), (.complete, true, true, .none), (.closed, true, true, .none),
  ]

  @Test(arguments: losses.indices) func aLostConnectionLosesTheExchange(row: Int) throws {
    let (situation, isReused, isUnprocessed, action) = Self.losses[row]
    var machine = try situation.machine(isReused: isReused)
    let first = machine.wasLost(isUnprocessed: isUnprocessed)
    let second = machine.wasLost(isUnprocessed: isUnprocessed)
    #expect(first == action && second == .none && !machine.isOpen)
  }

  @Test(arguments: Situation.allCases) private func aResetLosesAnIncompleteResponse(situation: Situation) throws {
    let isIncomplete = [Situation.awaited, .interim, .body].contains(situation)
    var machine = try situation.machine(isReused: true)
    let action = machine.wasReset(.cancel)
    #expect(action == (isIncomplete ? .loseExchange(.final) : .none))
    var refused = try situation.machine(isReused: true)
    let refusal = refused.wasReset(.refusedStream)
    #expect(refusal == (situation == .awaited ? .loseExchange(.unprocessed) : action) && !refused.isOpen)
  }

  @Test(arguments: Situation.allCases) private func isResetWhileItOwnsItsSlot(situation: Situation) throws {
    var machine = try situation.machine()
    let action = machine.close()
    #expect(action == .reset && machine.timeLimit(isRequestOver: true) == nil)
    machine.released()
    let late = machine.close()
    #expect(late == .none && !machine.isOpen)
  }
}

extension ResponseHead {
  fileprivate init(status: UInt16, length: UInt64? = nil) throws {
    let field = length.map { "Content-Length: \($0)\r\n" } ?? ""
    try self.init(ByteBuffer(string: "HTTP/1.1 \(status) \r\n\(field)\r\n"), limits: MessageLimits())
  }
}
