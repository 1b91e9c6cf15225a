import RouteRegistry

extension Benchmark {
  /// A route attached to a request and read from it again.
  static var context: [Benchmark] {
    poolSizes.map { size in
      Benchmark("context.roundtrip", size: size, note: "attach and read, a request after the other") {
        let routes = try RouteSamples(size).routes.scattered.map { RouteBinding($0) }
        return { operations in
          Sample.measure(operations) {
            routes.cycle(operations) { route in
              var request = RoutedRequest(0)
              request.attach(route)
              blackHole(request.route?.pool)
            }
          }
        }
      }
    }
  }
}
