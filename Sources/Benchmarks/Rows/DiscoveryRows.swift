extension Benchmark {
  /// Discovery over HTTPS; the cluster is another process, so that allocations and processor time are the agent's.
  static var discoveryCycles: [Benchmark] {
    [20, 200, 2000].flatMap { [coldCycle($0), steadyCycle($0)] }
  }

  private static func coldCycle(_ size: Int) -> Benchmark {
    Benchmark("discovery.cycle.cold", size: size, note: "from the start until every address is known") {
      let simulator = try SimulatorProcess(guests: size)
      return { operations in
        try await Sample.measureProcess(requests: simulator.requestCount) {
          for _ in 0..<operations { try await ColdDiscovery.run(of: simulator.cluster) }
          return operations
        }
      }
    }
  }

  private static func steadyCycle(_ size: Int) -> Benchmark {
    Benchmark("discovery.cycle.steady", size: size, note: "list, snapshot and index; no address is due") {
      let simulator = try SimulatorProcess(guests: size)
      let poll = SteadyPoll(of: simulator.cluster)
      return { operations in
        try await Sample.measureProcess(requests: simulator.requestCount) {
          for _ in 0..<operations { try await poll.run() }
          return operations
        }
      }
    }
  }
}
