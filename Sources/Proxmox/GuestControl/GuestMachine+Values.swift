package import ProxmoxAPI

extension GuestMachine {
  /// An input of the machine.
  package enum Event: Sendable {
    /// The routes to the guest have changed; nil if there is none.
    case plan(GuestPlan?)
    /// The properties in the inventory have changed or were read again; nil if the guest is gone.
    case facts(GuestFacts?)
    case start(ControlReason)
    /// A client did not reach the guest, which is started if it does not run.
    case unreachable(ControlReason)
    case stop(ControlReason)
    /// The last time at which bytes of a client were transferred.
    case activity(at: ContinuousClock.Instant)
    /// A requested call has ended.
    case called(Call, Result<Answer, ProxmoxError>)
    case connected(ControlTarget, Bool)
    /// The dependencies are up, or failed for this reason; with the number of the ``Action/prepare(_:number:)``.
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
    /// The load as measured by pvestatd: a worker of pvedaemon reports 0 for the CPU when it is queried for the first
    /// time.
    case load
    case wakeNode(String)
  }

  package enum Answer: Hashable, Sendable {
    case task(UPID)
    case state(of: TaskState)
    case guest(GuestState)
    /// The CPU load from 0 to 1; nil if PVE does not know it.
    case load(Double?)
    case done
  }

  /// An output of the machine, to be performed by its owner.
  package enum Action: Hashable, Sendable {
    case call(Call, GuestPlace)
    case connect(ControlTarget)
    /// Start the dependencies; answered by ``Event/prepared(number:_:)``.
    case prepare(ControlReason, number: Int)
    /// Make the discovery read the guest's node and addresses now.
    ///
    /// - Parameter isRunning: whether the guest's own state is running.
    case refresh(isRunning: Bool)
    /// Send ``Event/tick`` at that time.
    case wake(at: ContinuousClock.Instant)
    /// The phase or the remark has changed.
    case report
  }

  /// The last thing that was done to the guest, and the reason.
  package struct LastAction: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable { case start, stop }
    package var kind: Kind
    package var reason: String
    /// Nil while it is in progress.
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
    /// How long the lists may be outdated: pvestatd's interval of ten seconds, and a reserve.
    package var listLag = Duration.seconds(20)
    /// How long the agent tries to learn whether a guest that a client did not reach runs: right after the agent's start,
    /// no endpoint may have answered yet.
    package var checkTimeout = Duration.seconds(5)
    /// A start has failed if the guest ends within this time.
    package var minUptime = Duration.seconds(60)
    package var firstBackoff = Duration.seconds(10)
    package var maxBackoff = Duration.seconds(600)
    /// The time after the start of the agent in which no guest is stopped, even if it was idle before.
    package var startupGrace = Duration.seconds(60)
    /// Between two checks of an idle guest that stays up because of its hours or because PVE does not answer.
    package var idleCheckInterval = Duration.seconds(60)
    package init() {}
  }
}
