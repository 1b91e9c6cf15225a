import ProxyTraffic
import ReverseProxy
import RouteModel
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
              var request = RoutedRequest<_, RouteBinding>(0)
              request.attach(BindingReference(route))
              blackHole(request.route?.pool)
            }
          }
        }
      }
    }
  }
}

extension Benchmark {
  /// From the bytes of a Host to the request that carries its route, as an event loop of the proxy does it.
  static var proxyRouting: [Benchmark] {
    poolSizes.flatMap { size in
      KeyForm.allCases.map { form in
        Benchmark("proxy.find", size: size, keys: form, note: "Host, alias, attached route") {
          let samples = try RouteSamples(size, form: form)
          let (registry, hosts) = (samples.registry, KeyBytes(samples.keys.map { form == .short ? "\($0).lan" : $0 }))
          let traffic = TrafficBook(registry: registry)
          return { operations in
            var finder = RouteFinder(registry: registry)
            func find(_ host: RawSpan) {
              var request = RoutedRequest<_, ProxyRouteBinding>(0)
              let found = finder.binding(of: host) {
                ProxyRouteBinding(unserved: $0, traffic: traffic.traffic(for: $0))
              }
              if let found { request.attach(found) }
              blackHole(request)
            }
            hosts.cycle(size, find)
            return Sample.measure(operations) { hosts.cycle(operations, find) }
          }
        }
      }
    }
  }
}
