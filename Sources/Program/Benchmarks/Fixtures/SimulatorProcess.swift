import Foundation
import HTTPTransport
import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxDiscovery

/// A simulated cluster in a separate process, so that the processor time of this one is that of the agent.
///
/// The other process is this program with `--simulate`; it ends when its standard input does.
final class SimulatorProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let endpoint: String
  private let trust: TrustPolicy

  /// Returns once the cluster answers.
  ///
  /// - Parameters:
  ///   - latency: of every answer, in milliseconds.
  ///   - idleTimeout: of a connection, in milliseconds.
  init(guests: Int, latency: Int = 0, idleTimeout: Int = 5000) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "--simulate", "\(guests)", "--latency", "\(latency)", "--idle-timeout", "\(idleTimeout)",
    ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let words = try Self.line(from: output.fileHandleForReading).split(separator: " ").map(String.init)
    guard words.count == 2, let fingerprint = CertificateFingerprint(words[1]) else {
      throw Failure(description: "the simulator said \(words) where its URL and its fingerprint should stand")
    }
    (endpoint, trust) = (words[0], .fingerprints([fingerprint]))
  }

  deinit { try? input.fileHandleForWriting.close() }

  /// The number of requests that it has answered.
  func requestCount() throws -> Int { try send("count") }

  /// Moves a guest to the next node.
  func moveOn(_ vmid: Int) throws { _ = try send("\(vmid)") }

  private func send(_ line: String) throws -> Int {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    let line = try Self.line(from: output.fileHandleForReading)
    guard let count = Int(line) else { throw Failure(description: "the simulator said '\(line)' for a count") }
    return count
  }

  /// The agent's configuration for the cluster.
  var cluster: ClusterConfiguration {
    ClusterConfiguration(
      name: InventorySamples.cluster, endpoints: [endpoint],
      credentials: .token(id: SimulatedCluster.sampleToken.id, secret: SimulatedCluster.sampleToken.secret),
      trust: trust)
  }

  /// Its entry in pvescout.yml.
  var entry: String {
    guard case .fingerprints(let pins) = trust, case .token(let id, let secret) = cluster.credentials else { return "" }
    return """
      {name: \(InventorySamples.cluster), endpoints: ["\(endpoint)"], token_id: "\(id)", token_secret: "\(secret)",
       tls: {fingerprint: "\(pins[0])"}}
      """
  }

  /// The body of `GET /cluster/resources`.
  func resourcesBody() async throws -> [UInt8] {
    let client = HTTPClient()
    defer { client.shutdown() }
    var request = HTTPRequest(.get, endpoint + "/api2/json/cluster/resources")
    request.trust = trust
    request.headers = [("Authorization", SimulatedCluster.sampleToken.header)]
    return try await client.send(request).body
  }

  private static func line(from handle: FileHandle) throws -> String {
    var line = Data()
    while let byte = try handle.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
    return String(decoding: line, as: UTF8.self)
  }
}
