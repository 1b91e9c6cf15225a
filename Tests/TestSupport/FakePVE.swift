import Foundation
import HTTPTransport
import PeerTrust
import Synchronization

/// The PyPI package fakepve as a separate cluster on loopback (Tests/Lab), over HTTPS with a private CA.
package final class FakePVE: Sendable {
  package struct Guest: Decodable, Hashable, Sendable {
    package var vmid: Int
    package var type: String
    package var name: String
    package var node: String
    /// Nil for a stopped guest on DHCP.
    package var address: String?
    package var addressing: String
    package var running: Bool
  }

  /// The lab's description of itself.
  package struct Manifest: Decodable, Sendable {
    package var nodes: [String: String]
    package var guests: [Guest]
    package var tokens: [String]
    package var user: String
    package var password: String
    package var network: String
    package var port: Int
    package var endpoints: [String]
    package var control: String
    package var ca_file: String
    /// The fingerprint of the first node's certificate; each node has its own.
    package var fingerprint: String
    /// By node.
    package var fingerprints: [String: String]
  }

  /// A request as received by the cluster.
  package struct Request: Decodable, Sendable {
    package var method: String
    package var path: String
    package var query: String
    /// The scheme of the Authorization header, usually `PVEAPIToken`.
    package var scheme: String?
    package var token: String?
    package var cookie: Bool
  }

  package let manifest: Manifest
  private let directory: TemporaryDirectory
  private let arguments: [String]
  private let program: Mutex<Program?>
  private let controlURL: Mutex<String>
  private static let client = HTTPClient()

  /// Starts a cluster and waits until it answers. `port` 0 means a free one.
  package static func start(
    port: Int = 0, nodes: Int = 3, lxc: Int = 40, vms: Int = 3, options: [String] = []
  ) async throws -> FakePVE {
    let directory = try TemporaryDirectory()
    let size = ["--nodes", "\(nodes)", "--lxc", "\(lxc)", "--vms", "\(vms)"]
    let (program, manifest) = try await launch(directory, size + options + ["--port", "\(port)"])
    return FakePVE(directory, arguments: size + options, program, manifest)
  }

  private init(_ directory: TemporaryDirectory, arguments: [String], _ program: Program, _ manifest: Manifest) {
    self.directory = directory
    self.manifest = manifest
    self.arguments = arguments + ["--network", manifest.network, "--port", "\(manifest.port)"]
    self.program = Mutex(program)
    controlURL = Mutex(manifest.control)
  }

  /// Stops the cluster: its addresses refuse connections from now on.
  package func stop() async throws {
    guard let running = program.withLock({ $0.take() }) else { return }
    running.signal(SIGKILL)
    _ = try await running.exit()
  }

  /// Restarts it with the same seed, addresses, port and certificate.
  package func restart() async throws {
    try await stop()
    let (started, manifest) = try await Self.launch(directory, arguments)
    controlURL.withLock { $0 = manifest.control }
    program.withLock { $0 = started }
  }

  /// Performs operations of Tests/Lab/control.py at the same instant; returns the result of the last one.
  @discardableResult
  package func control(_ operations: JSON...) async throws -> JSON {
    var request = HTTPRequest(.post, controlURL.withLock { $0 })
    request.headers = [("Content-Type", "application/json")]
    request.body = Array(JSON.array(operations).description.utf8)
    let answer = try await Self.client.send(request)
    guard answer.status == 200 else { throw Refused(text: String(decoding: answer.body, as: UTF8.self)) }
    return try JSON(parsing: answer.body).elements.last ?? .null
  }

  /// The requests received so far, filtered by the end of their path.
  package func requests(_ path: String = "") async throws -> [Request] {
    let rows = try await control(["op": "requests", "path": .string(path)])
    return try JSONDecoder().decode([Request].self, from: Data(rows.description.utf8))
  }

  /// The bodies of a guest's configuration calls, byte for byte.
  package func configuration(of guest: Guest) async throws -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    for call in ["config", "pending"] {
      let path = "/api2/json/nodes/\(guest.node)/\(guest.type)/\(guest.vmid)/\(call)"
      var request = HTTPRequest(.get, manifest.endpoints[0] + path)
      request.headers = [("Authorization", "PVEAPIToken=\(tokenID)=\(tokenSecret)")]
      request.trust = .caFile(manifest.ca_file)
      let answer = try await Self.client.send(request)
      guard answer.status == 200 else { throw Refused(text: "\(answer.status) for \(path)") }
      bodies.append(answer.body)
    }
    return bodies
  }

  package func guest(_ name: String) throws -> Guest {
    guard let guest = manifest.guests.first(where: { $0.name == name }) else { throw Refused(text: "no guest \(name)") }
    return guest
  }

  package struct Refused: Error, CustomStringConvertible {
    package var text: String
    package var description: String { "the lab says: \(text)" }
  }

  private static func launch(
    _ directory: TemporaryDirectory, _ arguments: [String]
  ) async throws -> (Program, Manifest) {
    let path = directory.file("manifest.json")
    try? FileManager.default.removeItem(atPath: path)
    let program = try Program(
      Checkout.labPython(),
      ["-B", "\(Checkout.root)/Tests/Lab/fakepve_lab.py", "--directory", directory.path, "--until-stdin-closes"]
        + arguments,
      input: .openUntilReleased)
    let text = try await eventually("the lab answers") { () throws -> Data? in
      if let status = program.exitStatus { throw Refused(text: "\(status): \(program.errors)") }
      return FileManager.default.contents(atPath: path)
    }
    return (program, try JSONDecoder().decode(Manifest.self, from: text))
  }
}
