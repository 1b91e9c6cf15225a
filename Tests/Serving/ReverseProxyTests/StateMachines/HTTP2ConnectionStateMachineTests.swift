import Testing

@testable import ReverseProxy

@Suite struct HTTP2ConnectionStateMachineTests {
  private typealias Machine = HTTP2Connection.StateMachine

  /// Each state of a connection.
  private enum Situation: CaseIterable {
    case open, ending, inputClosed, endingInputClosed

    var machine: Machine {
      var machine = Machine()
      if self == .ending || self == .endingInputClosed { _ = machine.drain(openStreams: 1) }
      if self == .inputClosed || self == .endingInputClosed { machine.inputClosed() }
      return machine
    }
  }

  @Test(arguments: Situation.allCases) private func timeLimitIsThatOfAnIdleConnection(situation: Situation) {
    let machine = situation.machine
    #expect(machine.streamOpened() == (situation == .open ? ClientTimeLimit.unlimited : nil))
    #expect(machine.streamReleased(openStreams: 1) == nil)
    #expect(machine.streamReleased(openStreams: 0) == (situation == .open ? .idle : .closing))
  }

  @Test(arguments: [
    (Situation.open, Machine.DrainAction.announceEndOfIdle, Machine.DrainAction.announceEnd), (.ending, .none, .none),
    (.inputClosed, .none, .none), (.endingInputClosed, .none, .none),
  ])
  private func theEndIsAnnouncedOnce(situation: Situation, idle: Machine.DrainAction, used: Machine.DrainAction) {
    for (openStreams, action) in [(0, idle), (2, used)] {
      var machine = situation.machine
      let first = machine.drain(openStreams: openStreams)
      let second = machine.drain(openStreams: openStreams)
      #expect(first == action && second == .none)
      #expect(machine.streamReleased(openStreams: 0) == .closing)
    }
  }

  @Test(arguments: [
    (Situation.open, false), (.ending, false), (.inputClosed, true), (.endingInputClosed, true),
  ])
  private func isFinishedAfterTheLastRequest(situation: Situation, isInputClosed: Bool) {
    let machine = situation.machine
    #expect(machine.isFinished(isDrained: true, openStreams: 0))
    #expect(machine.isFinished(isDrained: false, openStreams: 0) == isInputClosed)
    #expect(!machine.isFinished(isDrained: false, openStreams: 1))
  }

  @Test(arguments: Situation.allCases) private func anIdleConnectionIsDrainedThenClosed(situation: Situation) {
    #expect(situation.machine.deadlinePassed() == (situation == .open ? .drain : .close))
  }

  @Test(arguments: [
    (0, Machine.BlockedAction.startTimeLimit), (99, .startTimeLimit), (100, .close), (101, .close),
  ])
  private func aClientThatReadsNothingIsDisconnected(unreadBytes: Int, action: Machine.BlockedAction) {
    var machine = Machine()
    let blocked = machine.writabilityChanged(isWritable: false, unreadBytes: 100)
    let first = machine.blockedDeadlinePassed(unreadBytes: unreadBytes)
    #expect(blocked == .startTimeLimit && first == action)
    guard action == .startTimeLimit else { return }
    // It has to read more than before.
    let second = machine.blockedDeadlinePassed(unreadBytes: unreadBytes)
    #expect(second == .close)
  }

  @Test func aClientThatReadsHasNoTimeLimit() {
    var machine = Machine()
    _ = machine.writabilityChanged(isWritable: false, unreadBytes: 100)
    let writable = machine.writabilityChanged(isWritable: true, unreadBytes: 0)
    let late = machine.blockedDeadlinePassed(unreadBytes: 100)
    #expect(writable == .endTimeLimit && late == .none)
  }
}
