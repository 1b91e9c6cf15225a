/// The medians of a row's rounds, and its best round.
struct Measurement {
  let benchmark: Benchmark
  let nanosecondsPerOperation: Double
  let minNanosecondsPerOperation: Double
  let allocationsPerOperation: Double
  /// The time as a multiple of that of each reference, by name: the medians of rounds that were measured in turn.
  let ratios: [String: Double]
  /// The anonymous memory of the process after the row was measured, in MiB; nil if it cannot be read, and for rows that
  /// were measured in turn.
  let anonymousMegabytes: Double?
  let note: String

  /// Measures rows in turn, round by round, so that a machine that is slower for a while is so for each of them.
  static func all(of rows: [Benchmark], effort: Effort) async throws -> [Measurement] {
    var runs: [MeasuredRow] = []
    for row in rows { runs.append(try await MeasuredRow(row, effort)) }
    for _ in 0..<effort.rounds {
      for index in runs.indices { try await runs[index].measureRound() }
    }
    let memory = runs.count == 1 ? ProcessMemory.now : nil
    return runs.map { run in
      Measurement(
        of: run, comparedWith: runs.filter { $0.benchmark.isReference(for: run.benchmark) }, memory: memory)
    }
  }

  private init(of run: MeasuredRow, comparedWith references: [MeasuredRow], memory: ProcessMemory?) {
    (benchmark, anonymousMegabytes) = (
      run.benchmark, memory.map { (Double($0.anonymous) / 1_048_576).rounded(places: 1) }
    )
    let samples = run.samples
    ratios = Dictionary(uniqueKeysWithValues: references.map { ($0.benchmark.name, Self.ratio(of: run, to: $0)) })
    minNanosecondsPerOperation = samples.map(\.nanosecondsPerOperation).min() ?? 0
    nanosecondsPerOperation = Self.median(samples.map(\.nanosecondsPerOperation))
    allocationsPerOperation = Self.median(samples.map(\.allocationsPerOperation))
    let facts = Self.traffic(of: samples) + Self.pace(of: samples) + Self.memory(of: samples)
    note = ([benchmark.note] + facts).filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private static func ratio(of run: MeasuredRow, to reference: MeasuredRow) -> Double {
    median(zip(run.samples, reference.samples).map { $0.nanosecondsPerOperation / $1.nanosecondsPerOperation })
  }

  /// Requests and processor time of one operation.
  private static func traffic(of samples: [Sample]) -> [String] {
    let traffic = samples.compactMap { sample in sample.traffic.map { ($0, Double(sample.operations)) } }
    guard !traffic.isEmpty else { return [] }
    let requests = median(traffic.map { Double($0.requests) / $1 })
    let milliseconds = median(traffic.map { $0.cpu / .milliseconds(1) / $1 })
    return ["requests=\(requests.rounded(places: 1))", "cpu_ms=\(milliseconds.rounded(places: 2))"]
  }

  /// With and without the fixture of the row.
  private static func memory(of samples: [Sample]) -> [String] {
    let memory = samples.compactMap(\.memory)
    guard !memory.isEmpty else { return [] }
    func megabytes(_ bytes: (Sample.Memory) -> Int) -> Double {
      (median(memory.map { Double(bytes($0)) }) / 1_048_576).rounded(places: 1)
    }
    return [
      "anonymous_mb=\(megabytes(\.after.anonymous))", "bare_anonymous_mb=\(megabytes(\.before.anonymous))",
    ]
  }

  /// The share of one core, and the worst lateness.
  private static func pace(of samples: [Sample]) -> [String] {
    let paced = samples.compactMap { sample in sample.pace.map { (sample.wall / $0.elapsed * 100, $0.worstLateness) } }
    guard let worst = paced.map(\.1).max() else { return [] }
    let milliseconds = worst / .milliseconds(1)
    return [
      "core_percent=\(median(paced.map(\.0)).rounded(places: 2))", "late_ms=\(milliseconds.rounded(places: 1))",
    ]
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

extension Double {
  func rounded(places: Int) -> Double {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}

/// How long to measure.
struct Effort: Sendable {
  /// Odd, so that the median is one of them.
  var rounds: Int
  /// The minimum duration of a round.
  var roundTime: Duration

  static let full = Effort(rounds: 11, roundTime: .milliseconds(40))
  /// Only shows that every row works; the figures are not precise.
  static let quick = Effort(rounds: 1, roundTime: .microseconds(200))
}

/// A row with its fixture, and its rounds so far.
private struct MeasuredRow {
  let benchmark: Benchmark
  private(set) var samples: [Sample] = []
  private let sampler: Benchmark.Sampler
  private let operations: Int

  /// Determines the number of operations per round, which also warms up.
  init(_ benchmark: Benchmark, _ effort: Effort) async throws {
    let sampler = try await benchmark.prepare()
    var operations = 1
    while try await sampler(operations).wall < effort.roundTime, !benchmark.isPaced { operations *= 2 }
    (self.benchmark, self.sampler, self.operations) = (benchmark, sampler, operations)
  }

  mutating func measureRound() async throws { samples.append(try await sampler(operations)) }
}
