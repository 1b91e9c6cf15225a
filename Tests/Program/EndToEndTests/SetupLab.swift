import Foundation
import PVESimulator
import TestSupport

/// A simulated cluster whose administrator runs `pvescout setup`, and the folder that it sets up.
struct SetupLab {
  static let password = "the password"

  let simulator: PVESimulator
  let folder: TemporaryDirectory
  /// Where the agent's files belong; made by `setup`.
  var directory: String { folder.file("etc") }

  init(
    version: PVEVersion = PVEVersion(9, 0, 10), guests: [SimulatedGuest] = [], totpCode: String? = nil,
    administrator: Permissions? = nil
  ) async throws {
    let root = SimulatedUser(
      name: "root@pam", password: Self.password, permissions: administrator ?? .administrator(version),
      totpCode: totpCode)
    var configuration = PVESimulator.Configuration()
    // A setup that is slow to ask again finds its connection open.
    configuration.idleTimeout = .seconds(600)
    simulator = try await PVESimulator.start(
      cluster: SimulatedCluster(
        version: version, nodes: [SimulatedNode(name: "pve1", address: "127.0.0.1")], guests: guests, users: [root]),
      configuration: configuration)
    folder = try TemporaryDirectory()
    try folder.write(Self.password + "\n", to: "password")
  }

  var trusting: [String] { ["--fingerprint", simulator.fingerprint] }
  var unattended: [String] { ["--yes"] + trusting + ["--password-file", folder.file("password")] }

  /// Runs it against the cluster, for a machine that is named `agent-one` unless the options name another.
  func setup(_ options: [String], input: String = "", into directory: String? = nil) async throws -> Program.Finished {
    let name = options.contains("--token-name") ? [] : ["--token-name", "agent-one"]
    return try await Program.run(
      Checkout.product("pvescout"),
      ["setup", simulator.url, "--directory", directory ?? self.directory] + name + options, input: input)
  }

  func content(_ name: String) -> String? { try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) }

  var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory))?.sorted() ?? [] }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
    return (attributes[.posixPermissions] as? Int) ?? 0
  }

  /// Calls that are no reading, as `POST /access/users`.
  var changes: [String] {
    simulator.requests().filter { !["GET", "HEAD"].contains($0.method) }.map { "\($0.method) \($0.path)" }
  }

  var tokens: [String] { simulator.cluster.tokens.map(\.id) }

  /// Whether `pvescout doctor` finds no problem with the files of a machine.
  func isWell(_ directory: String? = nil) async throws -> Bool {
    let doctor = try await Program.run(
      Checkout.product("pvescout"), ["doctor", "--config", "\(directory ?? self.directory)/pvescout.yml"])
    return doctor.status == .code(0)
  }
}

extension Program.Finished {
  /// Everything it said, for failures of expectations.
  var said: String { "\(status)\n\(output)\n\(errors)" }
}
