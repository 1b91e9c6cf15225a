import ArgumentParser

/// `pvescout-bench`: measures the parts of the agent, one row each.
@main
struct BenchmarkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pvescout-bench",
    abstract: "Measures the parts of pvescout, one row each: medians of several rounds.",
    discussion: "Build it with -c release: a debug build's numbers mean nothing. All traffic stays on loopback.")

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(help: "Measure for a moment only: shows that every row works.")
  var quick = false

  @Flag(help: "Print the rows' names and sizes, and measure nothing.")
  var list = false

  @Option(help: .hidden)
  var simulate: Int?

  @Option(help: .hidden)
  var latency = 0

  @Option(help: .hidden)
  var idleTimeout = 5000

  @Argument(help: "Rows to measure: parts of their names. Without one, all.")
  var filters: [String] = []

  func validate() throws {
    for filter in filters where !Benchmark.all.contains(where: { $0.matches([filter]) }) {
      throw ValidationError("no row has '\(filter)' in its name; --list shows the names")
    }
  }

  func run() async throws {
    if let simulate {
      return try await SimulatorService.run(guests: simulate, latency: latency, idleTimeout: idleTimeout)
    }
    let rows = Benchmark.selected(by: filters)
    if list { return rows.forEach { print("\($0.name) \($0.size)") } }
    let report = BenchmarkReport(isJSON: json)
    for group in Benchmark.groups(of: rows) {
      try await Measurement.all(of: group, effort: quick ? .quick : .full).forEach(report.show)
    }
  }
}
