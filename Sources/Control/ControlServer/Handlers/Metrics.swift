/// The metrics of one page, written part by part.
struct Metrics {
  typealias Sample = (labels: [(String, String)], value: Double)

  private(set) var parts: [PartedBody<MetricsPage>.Part] = []

  /// A metric with few samples; left out if it has none.
  mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) { add(.gauge, name, help, samples) }

  /// As ``gauge(_:_:_:)``, for a number that only increases while the agent runs.
  mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) { add(.counter, name, help, samples) }

  /// A metric with samples, or none, for each of a number of elements.
  mutating func add(
    _ kind: MetricsPage.Kind, _ name: String, _ help: String, count: Int,
    _ write: @escaping @Sendable (Int, inout MetricsPage) -> Void
  ) {
    parts.append(.init { $0.begin(name, kind, help) })
    parts.append(.init(count: count, write: write))
  }

  private mutating func add(_ kind: MetricsPage.Kind, _ name: String, _ help: String, _ samples: [Sample]) {
    add(kind, name, help, count: samples.count) { index, page in
      page.sample(MetricLabels(samples[index].labels))
      page.value(samples[index].value)
    }
  }
}
