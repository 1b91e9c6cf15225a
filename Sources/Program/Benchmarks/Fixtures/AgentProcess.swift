import Foundation
import HTTPTransport

/// The program itself, `pvescout run` of the same build, with a simulated cluster and generated routes.
final class AgentProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process = Process()
  private let folder: URL
  private let client = HTTPClient()

  /// Returns once every guest has its address.
  init(of simulator: SimulatorProcess, guests: Int, routes: Int, interval: String) async throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("pvb-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lines = (0..<routes).map {
      "r\($0): {proxmox: {vmid: \(InventorySamples.firstVMID + $0 % guests)}, port: 80, \(Self.quiet)}"
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("routes.yml"))
    let configuration = """
      proxmox: [\(simulator.entry)]
      discovery: {interval: \(interval), loopback_guests: true}
      providers: {files: [routes.yml]}
      socket: {path: agent.sock}
      state_dir: state
      log: {level: warning}
      """
    let file = folder.appendingPathComponent("pvescout.yml")
    try Data(configuration.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    let bench = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.executableURL = bench.deletingLastPathComponent().appendingPathComponent("pvescout")
    process.arguments = ["run", "--config", file.path]
    try process.run()
    try await wait(for: "every address") {
      let list = try await self.get("/v1/guests")
      return list.contains(#""vmid""#) && !list.contains(#""addresses":[]"#)
    }
  }

  private static let quiet = "healthcheck: {disable: true}"

  deinit {
    client.shutdown()
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// The peak of its anonymous memory during this time, in bytes.
  func peakMemory(over duration: Duration) async throws -> Int {
    let end = ContinuousClock.now + duration
    var peak = 0
    while ContinuousClock.now < end {
      peak = max(peak, try anonymousMemory())
      try await Task.sleep(for: .milliseconds(50))
    }
    return peak
  }

  private func anonymousMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw Failure(description: "no RssAnon for the agent: did it end?") }
    return kilobytes << 10
  }

  /// The answer of its socket to a request.
  func get(_ path: String) async throws -> String {
    var request = HTTPRequest(.get, "http://localhost\(path)")
    request.unixSocketPath = folder.appendingPathComponent("agent.sock").path
    return String(decoding: try await client.send(request).body, as: UTF8.self)
  }

  /// Checks every two milliseconds, for at most a minute.
  func wait(for what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if (try? await condition()) == true { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw Failure(description: "the agent did not come to this within a minute: \(what)")
  }
}
