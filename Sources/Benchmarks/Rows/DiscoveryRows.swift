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
          for _ in 0..<operations { try await DiscoveryRun(of: simulator.cluster).end() }
          return operations
        }
      }
    }
  }

  private static func steadyCycle(_ size: Int) -> Benchmark {
    Benchmark("discovery.cycle.steady", size: size, note: "a poll when no address is due") {
      let simulator = try SimulatorProcess(guests: size)
      let run = try await DiscoveryRun(of: simulator.cluster)
      return { operations in
        // The loop goes on while the simulator is asked: one request more or less must not show.
        try await Sample.measureProcess(requests: simulator.requestCount) { try await run.wait(polls: operations + 20) }
      }
    }
  }
}
