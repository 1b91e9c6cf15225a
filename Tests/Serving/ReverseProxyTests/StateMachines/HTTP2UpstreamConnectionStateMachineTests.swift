import Testing

@testable import ReverseProxy

@Suite struct HTTP2UpstreamConnectionStateMachineTests {
  private typealias Machine = HTTP2UpstreamConnection.StateMachine

  /// Each state of a connection.
  private enum Situation: CaseIterable {
    case awaitingSettings, open, ending, closed

    var machine: Machine {
      var machine = Machine()
      if self == .awaitingSettings { return machine }
      _ = machine.settingsReceived(maxStreams: 10)
      if self == .ending { _ = machine.retire(openStreams: 1) }
      if self == .closed { _ = machine.disconnected() }
      return machine
    }
  }

  @Test(arguments: Situation.allCases) private func opensStreamsOnceItHasSettings(situation: Situation) {
    #expect(situation.machine.isOpen == (situation == .open))
  }

  @Test(arguments: [
    (Situation.awaitingSettings, Machine.SettingsAction.start, Machine.SettingsAction.close),
    (.open, .serveWaiting, .serveWaiting), (.ending, .serveWaiting, .serveWaiting),
    (.closed, .serveWaiting, .serveWaiting),
  ])
  private func settingsStartIt(situation: Situation, action: Machine.SettingsAction, without: Machine.SettingsAction) {
    var (machine, useless) = (situation.machine, situation.machine)
    let actions = [machine.settingsReceived(maxStreams: 1), useless.settingsReceived(maxStreams: 0)]
    #expect(actions == [action, without])
    #expect(machine.isOpen == (situation == .awaitingSettings || situation == .open))
    #expect(useless.isOpen == (situation == .open))
  }

  @Test(arguments: [
    (Situation.awaitingSettings, Machine.GoAwayAction.close), (.open, .retire), (.ending, .retire), (.closed, .retire),
  ])
  private func aGoAwayNamesWhatWasProcessed(situation: Situation, action: Machine.GoAwayAction) {
    var machine = situation.machine
    #expect(!machine.isUnprocessed(7))
    let first = machine.goAwayReceived(lastStream: 5)
    #expect(first == action)
    #expect(!machine.isUnprocessed(3) && !machine.isUnprocessed(5) && machine.isUnprocessed(7))
  }

  @Test(arguments: [
    (Situation.awaitingSettings, Machine.RetireAction.none, Machine.RetireAction.none),
    (.open, .close, .finishStreams), (.ending, .none, .none), (.closed, .none, .none),
  ])
  private func retiresOnce(situation: Situation, idle: Machine.RetireAction, used: Machine.RetireAction) {
    for (openStreams, action) in [(0, idle), (1, used)] {
      var machine = situation.machine
      let first = machine.retire(openStreams: openStreams)
      let second = machine.retire(openStreams: openStreams)
      #expect(first == action && second == .none && !machine.isOpen)
    }
  }

  @Test(arguments: [
    (Situation.open, 0, false, Machine.ReleaseAction.startIdleTimeout), (.open, 0, true, .close),
    (.open, 1, false, .none), (.open, 1, true, .none), (.ending, 0, false, .close), (.ending, 1, false, .none),
    (.ending, 1, true, .none),
  ])
  private func closesAfterTheLastStreamIfItIsRetired(
    situation: Situation, openStreams: Int, isDraining: Bool, action: Machine.ReleaseAction
  ) {
    #expect(situation.machine.streamReleased(openStreams: openStreams, isDraining: isDraining) == action)
  }

  @Test func isReusedAfterItsFirstStreamAndHasALastOne() {
    var machine = Situation.open.machine
    var opened = machine.streamOpened()
    #expect(opened == (false, .none))
    for _ in 2..<Machine.maxStreams {
      opened = machine.streamOpened()
      if opened != (true, .none) { break }
    }
    #expect(opened == (true, .none))
    opened = machine.streamOpened()
    #expect(opened == (true, .retire))
  }

  @Test(arguments: Situation.allCases) private func closingEndsNewStreams(situation: Situation) {
    var machine = situation.machine
    machine.close()
    #expect(!machine.isOpen)
    let failure = machine.disconnected()
    #expect(failure == (situation == .awaitingSettings ? .closed : nil))
    let again = machine.disconnected()
    #expect(again == nil && !machine.isOpen)
  }

  /// The reason for which waiting exchanges fail.
  @Test func theReasonOfAFailedStartIsKept() {
    var (frames, streams, goAway, timeout) = (Machine(), Machine(), Machine(), Machine())
    frames.framesFailed()
    _ = streams.settingsReceived(maxStreams: 0)
    _ = goAway.goAwayReceived(lastStream: 0)
    let action = timeout.deadlinePassed()
    #expect(action == .closeImmediately)
    let failures = [frames.disconnected(), streams.disconnected(), goAway.disconnected(), timeout.disconnected()]
    #expect(failures == [.noFrames, .noStreams, .goAway, .timedOut])
  }

  @Test(arguments: [Situation.open, .ending, .closed]) private func aLaterFailureIsNotThatOfTheStart(
    situation: Situation
  ) {
    var machine = situation.machine
    machine.framesFailed()
    let action = machine.deadlinePassed()
    #expect(action == .close)
    let failure = machine.disconnected()
    #expect(failure == nil)
  }
}
