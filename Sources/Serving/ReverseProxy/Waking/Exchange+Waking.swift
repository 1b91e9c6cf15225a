import HTTPMessages
import NIOCore
import PrintableText
import RouteModel
import RouteRegistry
import WakeOnDemand

/// The use of a guest by an exchange, and the exchange's wait for it.
final class GuestUse {
  let gate: GuestGate
  let policy: WakePolicy?
  /// Set while the client waits for the guest.
  var wait: GateWait?
  /// Set after the service did not answer although the guest is up.
  var retry: ServiceRetry?
  var hasReportedUnreachable = false

  init(_ gate: GuestGate, _ policy: WakePolicy?) { (self.gate, self.policy) = (gate, policy) }

  /// Whether the client waits for the guest or its service, also during an attempt to connect.
  func isWaiting(hasUpstream: Bool) -> Bool { wait != nil || retry != nil && !hasUpstream }

  /// Records that bytes of the client were transferred.
  func recordBytes() { gate.recordUse(at: .now()) }

  /// Ends the attempts to connect: the next client tries, or all of them if the service has answered.
  func endRetry(hasAnswered: Bool) {
    retry?.end(hasAnswered: hasAnswered)
    retry = nil
  }

  func cancel() {
    wait?.cancel()
    wait = nil
    endRetry(hasAnswered: false)
  }
}

extension Exchange {
  /// From now on, records the bytes of the exchange with the guest that is now behind the route. There may have been
  /// none when the exchange began.
  func followGate() {
    guard !isWaitingForGuest, !isOver, let binding else { return }
    // The request does not count as use of the guest.
    guard use != nil || binding.gate == nil else { return }
    guard let gate = worker.currentGate(of: binding.registered.id), gate !== use?.gate else { return }
    use?.cancel()
    use = GuestUse(gate, use?.policy ?? binding.wakePolicy)
    use?.recordBytes()
  }

  /// Serves the request if the guest is up; otherwise waits for the guest or answers, depending on the request.
  func serve(on binding: ProxyRouteBinding, through gate: GuestGate) {
    let policy = binding.wakePolicy
    let demand = WakeDemand(head, policy: policy, isUpgrade: upgrade != nil)
    if demand.isUse {
      use = GuestUse(gate, policy)
      if gate.enter(at: .now()) { return serve(on: binding) }
    } else if gate.isOpen {
      return serve(on: binding)
    }
    guard policy?.start == .onRequest else { return serve(on: binding) }
    let status = gate.status
    switch demand {
    case .passive(let reason), .use(let reason): fail(.asleep(reason: reason))
    case .events: serveEvents(of: gate, binding.route)
    case .page, .wait:
      if status.phase == .failed { return fail(.notWoken(status)) }
      // The gate of a running guest is closed only briefly, while the agent decides whether to stop the guest.
      guard demand == .page, status.phase != .up else { return wait(isUnreachable: false) }
      gate.request(wakeRequest(isUnreachable: false, to: gate, of: binding))
      answer(WaitingPage(binding.route, status).answer)
    }
  }

  private func serveEvents(of gate: GuestGate, _ route: Route) {
    let site = head.fields.value(named: "sec-fetch-site")
    guard site == nil || site == "same-origin" else { return fail(.asleep(reason: "its events are for its own pages")) }
    WakeEventStream(gate, route, self).serve()
  }

  /// Holds the request until the guest is up, without reading its body.
  private func wait(isUnreachable: Bool) {
    guard let use, let binding, let policy = use.policy else { return }
    use.wait = GateWait(
      for: use.gate, wakeRequest(isUnreachable: isUnreachable, to: use.gate, of: binding), timeout: policy.wakeTimeout,
      on: worker.eventLoop
    ) { outcome in
      use.wait = nil
      guard !self.isOver else { return }
      switch outcome {
      case .isUp: self.serveAgain()
      case .failed(let status), .timedOut(let status): self.fail(.notWoken(status))
      }
    }
    guard use.wait != nil else { return fail(.overloaded) }
    // Suspends the client's time limit until an upstream accepts the body.
    client?.resume()
  }

  /// Serves the request by the current state of its route: the guest may have moved, and the route may have other
  /// allowed clients or another guest.
  private func serveAgain() {
    guard let binding = refreshBinding() else {
      return fail(.noTarget(reason: "the route was changed while its guest was woken"))
    }
    guard isAdmitted(to: binding) else { return }
    if let gate = binding.gate, gate !== use?.gate {
      use?.cancel()
      use = nil
      return serve(on: binding, through: gate)
    }
    serve(on: binding)
  }

  /// Tries a failed connection again while the guest comes up, or once PVE has reported whether it runs. Returns false
  /// if there is no further attempt.
  func tryAgain(after failure: ProxyFailure) -> Bool {
    guard let use, let binding, let policy = use.policy, policy.start == .onRequest, case .unreachable = failure else {
      use?.endRetry(hasAnswered: failure.provesConnection)
      return false
    }
    switch use.gate.nextAttempt(
      at: .now(), timeout: policy.wakeTimeout, hasReportedUnreachable: use.hasReportedUnreachable)
    {
    case .none: return false
    case .again(let pause, let end):
      let retry = use.retry ?? ServiceRetry(for: binding.registered.id, of: use.gate, on: worker.eventLoop)
      use.retry = retry
      return retry.wait(pause, until: end) { mayTry in
        guard !self.isOver else { return }
        if mayTry { self.serveAgain() } else { self.fail(failure) }
      }
    case .whenChecked:
      use.hasReportedUnreachable = true
      use.endRetry(hasAnswered: false)
      wait(isUnreachable: true)
      return true
    }
  }

  private func wakeRequest(isUnreachable: Bool, to gate: GuestGate, of binding: ProxyRouteBinding) -> WakeRequest {
    let path = head.target.prefix { $0 != "?" }.prefix(100)
    let program = head.fields.value(of: .userAgent).map { " (\($0.prefix(80)))" } ?? ""
    let client = worker.settings.client(of: head.fields, from: peer)
    return WakeRequest(
      guest: gate.guest, route: binding.registered.id,
      client: PrintableText.line("\(client) \(head.methodName) \(path)\(program)"), isUnreachable: isUnreachable)
  }
}
