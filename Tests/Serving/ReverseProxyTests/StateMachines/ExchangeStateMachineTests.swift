import HTTPMessages
import Testing

@testable import ReverseProxy

@Suite struct ExchangeStateMachineTests {
  private typealias Machine = Exchange.StateMachine

  /// Each state of an exchange.
  private enum Situation: CaseIterable {
    case pending, responding, tunnel
    case over, overWithoutResponse, overTunnel

    var machine: Machine {
      var machine = Machine(hasBody: false)
      switch self {
      case .pending: break
      case .responding: _ = machine.receive(status: 200, isInterim: false, asksToSwitch: false)
      case .tunnel: _ = machine.receive(status: 101, isInterim: false, asksToSwitch: true)
      case .over:
        machine = Situation.responding.machine
        machine.finish()
      case .overWithoutResponse:
        _ = machine.clientDisconnected()
        machine.finish()
      case .overTunnel:
        machine = Situation.tunnel.machine
        machine.finish()
      }
      return machine
    }
  }

  @Test(arguments: [
    (Situation.pending, UInt16(0), false, false), (.responding, 200, false, false), (.tunnel, 101, true, false),
    (.over, 200, false, true), (.overWithoutResponse, 499, false, true), (.overTunnel, 101, true, true),
  ])
  private func statusOutlastsTheEnd(situation: Situation, status: UInt16, isTunnel: Bool, isOver: Bool) {
    let machine = situation.machine
    #expect(machine.status == status && machine.isTunnel == isTunnel && machine.isOver == isOver)
    var finished = machine
    finished.finish()
    #expect(finished.status == status && finished.isTunnel == isTunnel && finished.isOver)
  }

  @Test(arguments: [
    (UInt16(100), false, Machine.HeadAction.sendInterim, UInt16(0)), (103, true, .sendInterim, 0),
    (200, false, .sendHead, 200), (404, true, .sendHead, 404), (101, true, .startTunnel, 101),
    (101, false, .refuseSwitch, 0),
  ])
  private func aHeadIsSentToTheClient(
    status: UInt16, asksToSwitch: Bool, action: Machine.HeadAction, after: UInt16
  ) {
    var machine = Machine(hasBody: false)
    let isInterim = action == .sendInterim
    let first = machine.receive(status: status, isInterim: isInterim, asksToSwitch: asksToSwitch)
    #expect(first == action && machine.status == after && machine.isTunnel == (action == .startTunnel))
    var over = Situation.overWithoutResponse.machine
    let late = over.receive(status: status, isInterim: isInterim, asksToSwitch: asksToSwitch)
    #expect(late == .ignore && over.status == 499)
  }

  @Test(arguments: [
    (Situation.pending, Machine.FailureAction.answer), (.responding, .abort), (.tunnel, .abort), (.over, .ignore),
    (.overWithoutResponse, .ignore), (.overTunnel, .ignore),
  ])
  private func aFailureIsAnsweredUntilTheResponseBegins(situation: Situation, action: Machine.FailureAction) {
    #expect(situation.machine.failureAction == action)
  }

  @Test func anAnswerOfTheProxyBeginsTheResponse() {
    var machine = Machine(hasBody: false)
    machine.answer(status: 502)
    #expect(machine.status == 502 && machine.failureAction == .abort && !machine.isTunnel)
  }

  @Test(arguments: [
    (Situation.pending, Machine.DisconnectAction.cancelUpstream, UInt16(499)), (.responding, .cancelUpstream, 200),
    (.tunnel, .cancelUpstream, 101), (.over, .ignore, 200), (.overWithoutResponse, .ignore, 499),
    (.overTunnel, .ignore, 101),
  ])
  private func aClientThatDisconnectsCancelsTheUpstream(
    situation: Situation, action: Machine.DisconnectAction, status: UInt16
  ) {
    var machine = situation.machine
    let first = machine.clientDisconnected()
    machine.finish()
    #expect(first == action && machine.status == status)
  }

  @Test func requestEndsWithItsBody() {
    var machine = Machine(hasBody: true)
    var progress = [machine.request]
    machine.bodyReceived()
    progress.append(machine.request)
    machine.bodyReceived()
    progress.append(machine.request)
    machine.requestEnded()
    progress.append(machine.request)
    #expect(progress == [.head, .body, .body, .whole])
    #expect(progress.map(\.isOver) == [false, false, false, true])
    machine = Machine(hasBody: false)
    #expect(machine.request == .bodyless && machine.request.isOver)
    machine.requestEnded()
    #expect(machine.request == .bodyless)
  }

  /// An empty body of chunks has an end that was passed on.
  @Test func anEmptyBodyMakesTheRequestWhole() {
    var machine = Machine(hasBody: true)
    machine.requestEnded()
    #expect(machine.request == .whole)
    let action = machine.upstreamLost(.unprocessed, method: .put)
    #expect(action == .fail)
  }

  @Test(arguments: [
    (false, 0, UpstreamLoss.onReusedConnection, Machine.LossAction.retry), (false, 0, .unprocessed, .retry),
    (false, 0, .final, .fail), (true, 0, .unprocessed, .retry), (true, 0, .onReusedConnection, .fail),
    (true, 1, .unprocessed, .fail),
  ])
  private func aLostRequestIsRetriedIfItIsComplete(
    hasBody: Bool, pieces: Int, loss: UpstreamLoss, action: Machine.LossAction
  ) {
    var machine = Machine(hasBody: hasBody)
    for _ in 0..<pieces { machine.bodyReceived() }
    let first = machine.upstreamLost(loss, method: .put)
    #expect(first == action)
    machine.finish()
    let late = machine.upstreamLost(loss, method: .put)
    #expect(late == .fail)
  }

  @Test func retriesAreCounted() {
    var machine = Machine(hasBody: false)
    let actions = [
      machine.upstreamLost(.onReusedConnection, method: .get), machine.upstreamLost(.onReusedConnection, method: .get),
    ]
    #expect(actions == [.retry, .fail])
  }
}
