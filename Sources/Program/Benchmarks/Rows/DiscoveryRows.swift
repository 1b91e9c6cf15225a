extension Benchmark {
  /// Discovery over HTTPS. The cluster is a separate process, so that allocations and processor time are those of the
  /// agent.
  static var discoveryCycles: [Benchmark] {
    [20, 200, 2000].flatMap { [coldCycle($0), steadyCycle($0)] }
      + [200, 2000].map(coldStart) + [50, 200].map(steadyMinute) + [
        changeToLink, agentMemory(routes: 50, guests: 50), agentMemory(routes: 10_000, guests: 2000),
      ]
  }

  /// The time until a slow cluster has been read after the start.
  private static func coldStart(_ size: Int) -> Benchmark {
    Benchmark("discovery.cold.latency", size: size, note: "5 ms a request, until every address is known") {
      let simulator = try SimulatorProcess(guests: size, latency: 5)
      return { operations in
        try await Sample.measureProcess(requests: simulator.requestCount) {
          for _ in 0..<operations { try await ColdDiscovery.run(of: simulator.cluster) }
          return operations
        }
      }
    }
  }

  /// The cost of a running agent for its cluster and its machine.
  private static func steadyMinute(_ size: Int) -> Benchmark {
    Benchmark(
      "discovery.minute", size: size, note: "a minute of the default settings, \(SteadyMinute.speed) times as fast"
    ) {
      let simulator = try SimulatorProcess(guests: size, latency: 5, idleTimeout: 5000 / SteadyMinute.speed)
      return { _ in try await SteadyMinute.measure(2, of: simulator) }
    }
  }

  /// The time from the move of a guest until the socket reports it. The poll interval is a second.
  private static var changeToLink: Benchmark {
    Benchmark("discovery.change", size: 200, note: "from a change in PVE to the new link on the socket, 1 s interval") {
      let simulator = try SimulatorProcess(guests: 200, latency: 5)
      let agent = try await AgentProcess(of: simulator, guests: 200, routes: 200, interval: "1s")
      return { _ in
        let before = try await agent.get("/v1/routes/r7")
        let start = ContinuousClock.now
        try simulator.moveOn(InventorySamples.firstVMID + 7)
        try await agent.wait(for: "another link") { try await agent.get("/v1/routes/r7") != before }
        return Sample(operations: 1, wall: start.duration(to: .now))
      }
    }
  }

  /// The program's memory in its steady state, in bytes instead of nanoseconds.
  private static func agentMemory(routes: Int, guests: Int) -> Benchmark {
    Benchmark(
      "agent.memory", size: routes,
      note: "anonymous bytes, not ns: the most during 15 polls of \(guests) guests with so many routes"
    ) {
      let simulator = try SimulatorProcess(guests: guests)
      let agent = try await AgentProcess(of: simulator, guests: guests, routes: routes, interval: "1s")
      // By then the memory of the start has been returned to the kernel.
      try await Task.sleep(for: .seconds(8))
      let bytes = try await agent.peakMemory(over: .seconds(15))
      return { operations in Sample(operations: operations, wall: .nanoseconds(bytes * operations)) }
    }
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
