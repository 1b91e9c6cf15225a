import Logging
import RouteModel
import RouteRegistry
import Synchronization
import Testing

@Suite struct RegistryLogTests {
  @Test func logsEveryChangeAndLookupAtDebugLevel() throws {
    let log = LogSpy(level: .debug)
    let registry = RouteRegistry(logger: log.logger)
    let route = try makeRoute("plex")
    registry.apply(adding: [route])
    var request = RoutedRequest<_, RouteBinding>(())
    registry.route(&request, alias: "plex", host: "plex")
    _ = registry.snapshot
    registry.apply(adding: [], removing: [route.id])
    #expect(
      log.lines == [
        "route added generation=1 alias=plex pool=http provider=file:routes",
        "route attached to a request generation=1 alias=plex pool=http provider=file:routes",
        "routes listed generation=1 routes=1",
        "route removed generation=2 alias=plex pool=http provider=file:routes",
      ])
  }

  @Test func saysNothingOtherwise() throws {
    let log = LogSpy(level: .info)
    let registry = RouteRegistry(logger: log.logger)
    registry.apply(adding: [try makeRoute("plex")])
    _ = registry.snapshot
    #expect(log.lines.isEmpty)
  }
}

/// A logger that records its lines.
private final class LogSpy: Sendable {
  private let written = Mutex<[String]>([])
  private let level: Logger.Level

  init(level: Logger.Level) { self.level = level }

  var lines: [String] { written.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(spy: self, logLevel: level) } }

  private struct Handler: LogHandler {
    let spy: LogSpy
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { key, value in
        "\(key.split(separator: ".").last ?? "")=\(value)"
      }
      spy.written.withLock { $0.append(([event.message.description] + facts).joined(separator: " ")) }
    }
  }
}
