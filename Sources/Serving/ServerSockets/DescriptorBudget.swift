import Glibc
package import NIOCore
import Synchronization

/// The limit of file descriptors and their distribution among uses: the agent reserves some for its own work, so that
/// clients cannot keep it from probing, saving its state and answering on its control socket.
///
/// Descriptors in use are not counted: each new descriptor gets the lowest free number (open(2)), so that number shows
/// how many there are. Descriptors that accepted clients will still need are counted, so that no client is accepted in
/// vain.
package final class DescriptorBudget: Sendable {
  /// The use of a descriptor; each one leaves more to those after it.
  package enum Use: Sendable, CaseIterable {
    /// A connection of a client, or a UDP session. Descriptors promised to earlier ones count as in use.
    case client
    /// What an accepted client needs in addition: its upstream, a file.
    case service
    /// A connection of the control socket.
    case control
  }

  private struct Relief {
    weak var owner: (any AnyObject & Sendable)?
    var relieve: @Sendable () -> Void
  }

  private struct State {
    var relief: [Relief] = []
    var askedAt: ContinuousClock.Instant?
    var shortAt: ContinuousClock.Instant?
    var loggedAt: ContinuousClock.Instant?
  }

  /// With fewer descriptors, the agent does not start.
  private static let minDescriptors = 96
  /// For an event loop of the proxy and its relay thread.
  private static let perLoop = 6
  /// More than any agent needs; some systems have practically no limit.
  private static let maxDescriptors = 1 << 20
  private static let pause = Duration.milliseconds(50)
  /// How long a shortage is reported after it occurred; further ones are not logged during that time.
  private static let reportingPeriod = Duration.seconds(60)

  /// `RLIMIT_NOFILE`.
  package let limit: Int
  /// In the order of uses.
  private let marks: [Int]
  private let probe: Int32?
  private let promised = Atomic(0)
  private let state = Mutex(State())

  /// - Parameter limit: nil for a process that never runs short.
  package init(limit: Int? = nil) {
    self.limit = limit ?? .max
    let reserve = min(max(self.limit / 4, 32), 512)
    marks = [self.limit - reserve, self.limit - reserve / 4 * 3, self.limit - reserve / 2]
    let probe = limit == nil ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC)
    self.probe = probe >= 0 ? probe : nil
  }

  deinit { if let probe { close(probe) } }

  /// Raises the soft limit of this process to the hard one.
  ///
  /// - Parameter eventLoops: the agent's number of event loops.
  package static func ofProcess(eventLoops: Int) throws(DescriptorShortage) -> DescriptorBudget {
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    let wanted = min(limits.rlim_max, rlim_t(maxDescriptors))
    if limits.rlim_cur < wanted {
      var raised = limits
      raised.rlim_cur = wanted
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limits = raised }
    }
    let limit = Int(min(limits.rlim_cur, rlim_t(maxDescriptors)))
    let required = minDescriptors + perLoop * eventLoops
    guard limit >= required else { throw DescriptorShortage(limit: limit, required: required) }
    return DescriptorBudget(limit: limit)
  }

  /// The number of descriptors in use, assuming that they are contiguous from 0.
  package var used: Int {
    guard let probe else { return 0 }
    let lowest = fcntl(probe, F_DUPFD_CLOEXEC, 0)
    guard lowest >= 0 else { return limit }
    close(lowest)
    return Int(lowest)
  }

  /// Whether a descriptor for that use would be a reserved one. If so, asks for relief.
  package func isShort(for use: Use) -> Bool {
    guard probe != nil, used + (use == .client ? promises : 0) >= mark(of: use) else {
      return false
    }
    requestRelief()
    return true
  }

  /// Reserves a descriptor for a client until the future completes.
  package func promise(until done: EventLoopFuture<Void>) {
    guard probe != nil else { return }
    promised.add(1, ordering: .relaxed)
    done.whenComplete { [self] _ in promised.subtract(1, ordering: .relaxed) }
  }

  /// The number of promised descriptors.
  var promises: Int { promised.load(ordering: .relaxed) }

  /// The number from which on descriptors are reserved against a use.
  func mark(of use: Use) -> Int {
    switch use {
    case .client: marks[0]
    case .service: marks[1]
    case .control: marks[2]
    }
  }

  /// Registers a callback that frees descriptors during a shortage, such as those of idle connections.
  ///
  /// - Parameters:
  ///   - owner: the callback is dropped once this object is gone.
  ///   - relieve: must not hold the owner.
  package func onShortage(of owner: any AnyObject & Sendable, _ relieve: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.relief.removeAll { $0.owner == nil }
      state.relief.append(Relief(owner: owner, relieve: relieve))
    }
  }

  /// The number in use and the limit; nil if there is no limit.
  package var measured: (used: Int, limit: Int)? { probe == nil ? nil : (used, limit) }

  /// A problem for `status` while connections have to wait, or had to during the last minute.
  package var problem: String? {
    guard wasShort else { return nil }
    return "connections wait: \(used) of \(limit) file descriptors are in use; close some, or raise the limit "
      + "(LimitNOFILE= in the unit, 'ulimit -n' in a shell)"
  }

  /// Whether connections had to wait for descriptors during the last minute.
  package var wasShort: Bool {
    state.withLock { state in state.shortAt.map { .now - $0 < Self.reportingPeriod } ?? false }
  }

  /// Whether to log a shortage now: once a minute.
  func shouldLogShortage() -> Bool {
    state.withLock { state in
      let now = ContinuousClock.now
      if let logged = state.loggedAt, now - logged < Self.reportingPeriod { return false }
      state.loggedAt = now
      return true
    }
  }

  private func requestRelief() {
    let relief = state.withLock { state in
      let now = ContinuousClock.now
      state.shortAt = now
      if let asked = state.askedAt, now - asked < Self.pause { return [Relief]() }
      state.askedAt = now
      return state.relief
    }
    for entry in relief where entry.owner != nil { entry.relieve() }
  }
}

/// The system allows this process too few open files to start.
package struct DescriptorShortage: Error, CustomStringConvertible {
  package let limit: Int
  package let required: Int

  package var description: String {
    "this process may have \(limit) open files, and needs at least \(required): raise the limit "
      + "(LimitNOFILE= in its unit, 'ulimit -n' in a shell)"
  }
}
