extension Benchmark {
  /// HTTP probes of a local web server at their interval.
  static var health: [Benchmark] {
    [(1000, 10), (5000, 30)].map { routes, seconds in
      let note = "processor time of a probe, each route every \(seconds) s"
      return Benchmark("health.probe", size: routes, note: note, isPaced: true) {
        let watch = try await HealthWatch(routes: routes, interval: .seconds(seconds))
        return { try await watch.sample($0) }
      }
    }
  }
}
