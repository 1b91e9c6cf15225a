import CAllocationCount
import Glibc
import RouteRegistry

/// The cost of some operations: wall time, allocations and, for rows that use the network, more.
struct Sample: Sendable {
  var operations = 0
  var wall = Duration.zero
  var allocations = 0
  /// The cost over the network; nil for rows without it.
  var traffic: Traffic?
  /// The memory of the process; nil for rows that do not measure it.
  var memory: Memory?
  /// Of a row with a fixed rate; nil for other rows.
  var pace: Pace?

  struct Memory: Sendable {
    /// Without the fixture of the row.
    var before: ProcessMemory
    /// With the fixture.
    var after: ProcessMemory
  }

  struct Pace: Sendable {
    var elapsed = Duration.zero
    /// The largest delay of an operation since the row began.
    var worstLateness = Duration.zero
  }

  struct Traffic: Sendable {
    var requests = 0
    /// User and system time of this process.
    var cpu = Duration.zero
  }

  var nanosecondsPerOperation: Double { wall / .nanoseconds(operations) }
  var allocationsPerOperation: Double { Double(allocations) / Double(operations) }

  /// Runs `body`, which does `operations` on this thread.
  static func measure(_ operations: Int, _ body: () throws -> Void) rethrows -> Sample {
    let allocations = AllocationCounter.ofThread
    let start = ContinuousClock.now
    try body()
    let wall = start.duration(to: .now)
    return Sample(operations: operations, wall: wall, allocations: AllocationCounter.ofThread - allocations)
  }

  /// Runs `body`, which returns the number of its operations, and measures all threads of this process.
  static func measureProcess(
    requests: () throws -> Int, _ body: () async throws -> Int
  ) async throws -> Sample {
    let asked = try requests()
    return try await AllocationCounter.countAllThreads {
      let (allocations, cpu, start) = (AllocationCounter.ofProcess, ProcessorClock.now, ContinuousClock.now)
      let operations = try await body()
      var sample = Sample(operations: operations, wall: start.duration(to: .now))
      let used = ProcessorClock.now - cpu
      sample.allocations = AllocationCounter.ofProcess - allocations
      sample.traffic = Traffic(requests: try requests() - asked, cpu: used)
      return sample
    }
  }

  /// Merges another sample into this one.
  static func += (left: inout Sample, right: Sample) {
    left.operations += right.operations
    left.wall += right.wall
    left.allocations += right.allocations
    guard let traffic = right.traffic else { return }
    left.traffic = Traffic(
      requests: (left.traffic?.requests ?? 0) + traffic.requests, cpu: (left.traffic?.cpu ?? .zero) + traffic.cpu)
  }
}

/// Consumes a value, so that the optimiser cannot remove its computation.
@inline(never)
@_optimize(none)
func blackHole(_ value: borrowing some ~Copyable) {}

// Without the metadata that a generic function is passed, which takes longer than some of the lookups.
@inline(never)
@_optimize(none)
func blackHole(_ route: borrowing RegisteredRoute?) {}

@inline(never)
@_optimize(none)
func blackHole(_ binding: borrowing BindingReference<RouteBinding>?) {}

/// The number of calls of malloc, calloc and realloc, by Swift's runtime and by C libraries.
enum AllocationCounter {
  static var ofThread: Int { Int(callocation_count_of_thread()) }

  /// Of all threads together, while ``countsAllThreads`` is on.
  static var ofProcess: Int { Int(callocation_count_of_process()) }

  static func countAllThreads<Result>(
    during body: () async throws -> Result
  ) async rethrows -> Result {
    callocation_count_all_threads(1)
    defer { callocation_count_all_threads(0) }
    return try await body()
  }
}

/// Processor time, user and system.
enum ProcessorClock {
  /// Of this process: all threads.
  static var now: Duration { time(of: CLOCK_PROCESS_CPUTIME_ID) }
  static var ofThread: Duration { time(of: CLOCK_THREAD_CPUTIME_ID) }

  private static func time(of clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
