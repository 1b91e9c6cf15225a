import Glibc
import Synchronization

/// Measures the same work on several threads at once.
enum SideBySide {
  /// The mean of the threads' samples.
  static func measure(
    threads: Int, operations: Int, _ body: @escaping @Sendable () -> Void
  ) throws -> Sample {
    let start = StartingLine(runners: threads)
    let results = Results()
    let workers = try (0..<threads).map { _ in
      try Worker {
        start.wait()
        results.add(Sample.measure(operations, body))
      }
    }
    workers.forEach { $0.join() }
    var sum = Sample()
    for sample in results.samples { sum += sample }
    return Sample(
      operations: sum.operations / threads, wall: sum.wall / threads, allocations: sum.allocations / threads)
  }

  /// Measures on this thread, while another one repeats `disturbance`.
  static func measure(
    operations: Int, disturbedBy disturbance: @escaping @Sendable () -> Void, _ body: () -> Void
  ) throws -> Sample {
    let start = StartingLine(runners: 2)
    let end = EndFlag()
    let worker = try Worker {
      start.wait()
      while !end.isSet { disturbance() }
    }
    start.wait()
    let sample = Sample.measure(operations, body)
    end.set()
    worker.join()
    return sample
  }
}

extension SideBySide {
  /// Starts all threads once each of them has arrived.
  private final class StartingLine: Sendable {
    private let missing: Atomic<Int>

    init(runners: Int) { missing = Atomic(runners) }

    func wait() {
      missing.subtract(1, ordering: .acquiringAndReleasing)
      while missing.load(ordering: .acquiring) > 0 { sched_yield() }
    }
  }

  private final class EndFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
  }

  private final class Results: Sendable {
    private let state = Mutex<[Sample]>([])
    var samples: [Sample] { state.withLock { $0 } }
    func add(_ sample: Sample) { state.withLock { $0.append(sample) } }
  }
}
