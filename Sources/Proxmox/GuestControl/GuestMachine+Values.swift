package import ProxmoxAPI

extension GuestMachine {
  /// An input of the machine.
  package enum Event: Sendable {
    /// The routes to the guest have changed, or none is left.
    case plan(GuestPlan?)
    /// Its properties in the inventory have changed or were read again; nil if it is gone.
    case facts(GuestFacts?)
    case start(ControlReason)
    /// A client did not reach it: it is started if it does not run.
    case unreachable(ControlReason)
    case stop(ControlReason)
    /// Bytes of a client moved last at that time.
    case activity(at: ContinuousClock.Instant)
    /// A requested call has ended.
    case called(Call, Result<Answer, ProxmoxError>)
    case connected(ControlTarget, Bool)
    /// Its dependencies are up, or are not for this reason; with the number of the ``Action/prepare(_:number:)``.
    case prepared(number: Int, ControlFailure?)
    /// The requested time has come.
    case tick
  }

  /// A call to PVE; one at a time.
  package enum Call: Hashable, Sendable {
    case start
    case resume
    case shutdown(timeout: Duration, force: Bool)
    case suspend
    case task(UPID)
    case status
    /// What pvestatd has measured: a worker of pvedaemon that is asked for the first time calls the share of the
    /// processors 0.
    case load
    case wakeNode(String)
  }

  package enum Answer: Hashable, Sendable {
    case task(UPID)
    case state(of: TaskState)
    case guest(GuestState)
    /// Of its processors, from 0 to 1; nil if PVE does not know.
    case load(Double?)
    case done
  }

  /// An output of the machine, to be performed by its owner.
  package enum Action: Hashable, Sendable {
    case call(Call, GuestPlace)
    case connect(ControlTarget)
    /// Start its dependencies; answered by ``Event/prepared(number:_:)``.
    case prepare(ControlReason, number: Int)
    /// Ask the discovery for the guest's place and addresses now.
    ///
    /// - Parameter isRunning: it has said so itself.
    case refresh(isRunning: Bool)
    /// Come back with ``Event/tick`` then.
    case wake(at: ContinuousClock.Instant)
    /// The phase or the remark has changed.
    case report
  }

  /// The last thing that was done to the guest, and the reason.
  package struct LastAction: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable { case start, stop }
    package var kind: Kind
    package var reason: String
    /// Nil while it is under way.
    package var failure: String?
  }

  /// Intervals and timeouts.
  package struct Timing: Sendable {
    /// Between two calls about a guest that is starting or stopping.
    package var callInterval = Duration.seconds(1)
    /// Between two connections to its address.
    package var connectInterval = Duration.milliseconds(100)
    /// Between a stop and the next start.
    package var restartDelay = Duration.seconds(30)
    /// How long the lists may be out of date: pvestatd's ten seconds, and some more.
    package var listLag = Duration.seconds(20)
    /// If a guest ends within this time after its start, that start has failed.
    package var minUptime = Duration.seconds(60)
    package var firstBackoff = Duration.seconds(10)
    package var maxBackoff = Duration.seconds(600)
    /// How long after the start of the agent a guest is not stopped, however long it was idle before.
    package var startupGrace = Duration.seconds(60)
    /// Between two checks of an idle guest that stays up: whether its hours are over, or PVE can be asked again.
    package var idleCheckInterval = Duration.seconds(60)
    package init() {}
  }
}
