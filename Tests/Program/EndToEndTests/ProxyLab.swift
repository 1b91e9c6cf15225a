import Foundation
import TestSupport
import Testing

/// The real agent, serving routes on a free port of loopback.
struct ProxyLab {
  let agent: RunningAgent
  let port: UInt16
  /// Kept alive as long as the lab.
  private(set) var upstream: (any Sendable)?

  /// - Parameters:
  ///   - routes: the content of `routes.yml`.
  ///   - settings: more of `proxy:`, such as `, match_domains: [home.example]`.
  ///   - clusters: entries of `proxmox:`.
  ///   - interval: between two polls.
  static func start(
    routes: String, settings: String = "", clusters: [String] = [], interval: String = "500ms",
    environment: [String: String?] = [:]
  ) async throws -> ProxyLab {
    var files = try AgentFiles(clusters: clusters, routes: ["routes.yml": routes])
    files.discovery = "{interval: \(interval), address_refresh: 5m, request_timeout: 60s}"
    files.more = "proxy: {http: \"127.0.0.1:0\"\(settings)}"
    let agent = try await RunningAgent.ready(files, environment: environment)
    return ProxyLab(agent: agent, port: try await listeningPort(of: agent))
  }

  /// Starts with one upstream, as the route `web`.
  static func start(_ upstream: EchoUpstream, settings: String = "") async throws -> ProxyLab {
    var lab = try await start(routes: "web: {\(upstream.target)}", settings: settings)
    lab.upstream = upstream
    return lab
  }

  static func start(_ server: RawServer, settings: String = "") async throws -> ProxyLab {
    var lab = try await start(routes: "web: {\(server.target)}", settings: settings)
    lab.upstream = server
    return lab
  }

  /// The port that the agent reports for its proxy.
  static func listeningPort(of agent: RunningAgent) async throws -> UInt16 {
    try await eventually("the proxy listens; the agent said:\n\(agent.program.errors)") {
      let line = agent.program.errors.split(separator: "\n").first { $0.contains("proxy listens") }
      let address = line?.split(separator: " ").first { $0.hasPrefix("address=") }
      return address.flatMap { UInt16($0.split(separator: ":").last ?? "") }
    }
  }

  /// The port of a stream, once it listens.
  func streamPort(_ alias: String) async throws -> UInt16 {
    let address = try await agent.route(alias, "listens") { $0["listen"] != .null }["listen"].string ?? ""
    return try #require(UInt16(address.split(separator: ":").last ?? ""))
  }

  func connect(reading: Bool = true) async throws -> RawConnection {
    try await RawConnection.connect(to: port, reading: reading)
  }

  /// Sends the text on a separate connection; returns the response, or nil if there was none.
  func exchange(_ text: String) async throws -> RawMessage? {
    let connection = try await connect()
    try await connection.send(text)
    return try await connection.response(to: String(text.prefix { $0 != " " }))
  }

  func get(_ host: String, _ path: String = "/", fields: String...) async throws -> RawMessage {
    let lines = ["GET \(path) HTTP/1.1", "Host: \(host)"] + fields + ["", ""]
    return try #require(try await exchange(lines.joined(separator: "\r\n")))
  }

  /// The peak of the agent's memory so far, in bytes.
  func peakMemory() throws -> Int { try agent.count("VmHWM") * 1024 }
}

extension RawServer {
  /// `host: …, port: …` for a route to it.
  var target: String { "host: \(host), port: \(port), scheme: http, healthcheck: {disable: true}" }
}

/// The result of the first try in which no kept connection to an upstream rested for as long as the proxy keeps one,
/// which is four seconds.
///
/// - Parameter scenario: returns its result, and how long such a connection may have rested.
func withoutRest<Result>(_ scenario: () async throws -> (Result, rest: Duration)) async throws -> Result {
  for _ in 0..<10 {
    let (result, rest) = try await scenario()
    if rest < .seconds(3) { return result }
  }
  throw RestedTooLong()
}

/// The machine was too slow for ``withoutRest(_:)``, ten times.
private struct RestedTooLong: Error {}

/// Bytes with a long period, generated quickly.
func pattern(_ count: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 65536)
  var block = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
  while bytes.count < count {
    let number = bytes.count / 65536
    (block[0], block[1], block[65535]) = (UInt8(number & 0xff), UInt8(number >> 8 & 0xff), UInt8(number & 0xff))
    bytes += block
  }
  return Array(bytes.prefix(count))
}
