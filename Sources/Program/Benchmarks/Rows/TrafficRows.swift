import Logging
import ProxyTraffic
import RouteModel
import RouteRegistry

extension Benchmark {
  /// The cost of counting and logging a request.
  static var traffic: [Benchmark] { [trafficRecord(threads: 1), trafficRecord(threads: 2)] + accessLog }

  private static func trafficRecord(threads: Int) -> Benchmark {
    Benchmark(
      "traffic.record", size: threads, note: "a request of one route begun and ended, n threads, per request of each"
    ) {
      let samples = try RouteSamples(1)
      let book = TrafficBook(registry: samples.registry)
      let traffic = book.traffic(for: samples.routes[0])
      return { operations in
        try SideBySide.measure(threads: threads, operations: operations) {
          for number in 0..<operations {
            traffic.requestBegan()
            traffic.requestEnded(status: 200, received: 0, sent: 1024, microseconds: Int64(number & 4095))
          }
        }
      }
    }
  }

  /// To /dev/null, to exclude the disk. Lines that do not fit into the buffer were formatted as well.
  private static var accessLog: [Benchmark] {
    AccessLogConfiguration.Format.allCases.flatMap { format in
      [1, 2].map { threads in
        let note = "\(format.rawValue), a record built and logged, n threads, per record of each"
        return Benchmark("access_log.record", size: threads, note: note) {
          var configuration = AccessLogConfiguration(path: "/dev/null")
          configuration.format = format
          let log = AccessLog(configuration, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
          let route = try RouteSamples(1).routes[0]
          return { operations in
            try SideBySide.measure(threads: threads, operations: operations) {
              for number in 0..<operations { log.log(record(of: route, Int64(number))) }
            }
          }
        }
      }
    }
  }

  private static func record(of route: RegisteredRoute, _ number: Int64) -> AccessRecord {
    var record = AccessRecord(
      time: 1_795_366_807_000_000 + number, client: "192.0.2.7", method: "GET", target: "/web/index.html?page=12",
      version: "HTTP/1.1", status: 200)
    record.host = "plex.home.example"
    record.referer = "https://home.example/dashboard"
    record.userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    record.sent = 1024
    record.route = route.upstream.name
    record.provider = route.id.provider.text
    record.upstream = route.upstream.url
    record.guest = "home/105 plex"
    (record.duration, record.upstreamDuration) = (1210, 950)
    return record
  }
}
