import Testing

@testable import ReverseProxy

@Suite struct HTTP2StreamStateMachineTests {
  private typealias Machine = HTTP2Stream.StateMachine

  /// Each state of a stream.
  private enum Situation: CaseIterable {
    case refused, body, response, bodyOver, closed

    var machine: Machine {
      var machine = Machine()
      if self != .refused { _ = machine.begin(hasBody: self != .response) }
      if self == .bodyOver { machine.requestEnded() }
      if self == .closed { machine.close() }
      return machine
    }
  }

  @Test(arguments: [(false, ClientTimeLimit.unlimited), (true, .idle)])
  func onlyABodyHasATimeLimit(hasBody: Bool, limit: ClientTimeLimit) {
    var machine = Machine()
    let first = machine.begin(hasBody: hasBody)
    #expect(first == limit && machine.isReceivingBody == hasBody)
  }

  @Test(arguments: [
    (Situation.refused, false, false, true), (.body, true, false, false), (.response, false, false, true),
    (.bodyOver, false, false, true), (.closed, false, true, false),
  ])
  private func receivesABodyUntilItsEnd(
    situation: Situation, isReceivingBody: Bool, isClosed: Bool, outputEndsTimeLimit: Bool
  ) {
    let machine = situation.machine
    #expect(machine.isReceivingBody == isReceivingBody && machine.isClosed == isClosed)
    #expect(machine.outputEndsTimeLimit == outputEndsTimeLimit)
  }

  @Test(arguments: Situation.allCases) private func waitingOutputHasATimeLimitAfterTheRequest(situation: Situation) {
    var machine = situation.machine
    let actions = [
      machine.outputWaits(10, hasTimeLimit: false), machine.outputWaits(20, hasTimeLimit: true),
      machine.outputWaits(0, hasTimeLimit: true), machine.outputWaits(0, hasTimeLimit: false),
    ]
    let expected: [Machine.WaitAction] = [.startTimeLimit, .none, .endTimeLimit, .endTimeLimit]
    #expect(actions == (situation == .body ? [.none, .none, .none, .none] : expected))
  }

  /// The time limit starts again after each progress.
  @Test(arguments: [
    (0, Machine.TimeoutAction.cancel), (9, .watchOutput), (10, .cancel), (11, .cancel),
  ])
  private func aClientThatReadsNothingIsCancelled(count: Int, action: Machine.TimeoutAction) {
    for situation in [Situation.response, .bodyOver, .closed] {
      var machine = situation.machine
      _ = machine.outputWaits(10, hasTimeLimit: false)
      // Output that is added while the time limit runs does not count.
      _ = machine.outputWaits(100, hasTimeLimit: true)
      #expect(machine.deadlinePassed(waitingBytes: count) == action)
    }
  }

  @Test(arguments: [0, 10]) func aLateBodyIsRefused(count: Int) {
    #expect(Situation.body.machine.deadlinePassed(waitingBytes: count) == .refuseClient)
  }
}
