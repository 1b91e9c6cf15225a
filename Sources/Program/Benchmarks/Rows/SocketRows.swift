extension Benchmark {
  /// Answers of the socket while the health of routes changes.
  static var socket: [Benchmark] {
    [socketAnswer("socket.livez", "/livez"), socketAnswer("socket.routes", "/v1/routes")]
      + [
        socketAnswer("socket.status", "/v1/health?view=status"), socketAnswer("socket.metrics", "/metrics"),
        longList, firstByte,
      ]
  }

  private static func socketAnswer(_ name: String, _ path: String) -> Benchmark {
    Benchmark(name, size: 200, note: "\(path), 8 clients, 10 changes of health a second: processor time of the server")
    {
      let socket = try await ControlSocket(routes: 200, clients: 8, changes: 10)
      return { try socket.request(path, $0) }
    }
  }

  /// Its memory is the growth of the process while the list is read.
  private static var longList: Benchmark {
    Benchmark("socket.routes", size: 10_000, note: "/v1/routes, one client: processor time of the server") {
      let socket = try await ControlSocket(routes: 10_000, clients: 1, changes: 10)
      let before = ProcessMemory.settled
      return { operations in
        let peak = try socket.peakMemory(of: "/v1/routes")
        var sample = try socket.request("/v1/routes", operations)
        if let before, let peak { sample.memory = Sample.Memory(before: before, after: peak) }
        return sample
      }
    }
  }

  private static var firstByte: Benchmark {
    Benchmark("socket.first_byte", size: 10_000, note: "/v1/routes, from the request to the answer's first byte") {
      let socket = try await ControlSocket(routes: 10_000, clients: 1, changes: 10)
      return { try socket.awaitFirstByte(of: "/v1/routes", $0) }
    }
  }
}
