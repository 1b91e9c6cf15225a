import AgentConfiguration
import FoundationEssentials
import Glibc
import ProxmoxAPI
import ProxmoxDiscovery

/// The agent's files that are there before `setup` begins. They are never overwritten.
struct InstalledFiles: Sendable {
  let directory: String
  /// The text of pvescout.yml; nil if there is none.
  let configurationText: String?
  let configuration: AgentConfiguration?

  var configurationPath: String { path("pvescout.yml") }
  var routesPath: String { path("routes.yml") }

  /// Throws if there is a pvescout.yml with errors.
  init(in directory: String, environment: [String: String]) throws(SetupFailure) {
    self.directory = directory
    let path = "\(directory)/pvescout.yml"
    guard FileManager.default.fileExists(atPath: path) else {
      (configurationText, configuration) = (nil, nil)
      return
    }
    do {
      configuration = try Self.load(path, environment)
    } catch {
      let problems = error.problems.map { "\($0)" }.joined(separator: "\n")
      throw SetupFailure(
        "\(problems)\n\(path) has errors, and setup overwrites no file: mend it, or move it away and run this again")
    }
    configurationText = Self.text(path)
  }

  /// A secret file that is missing counts as a secret that is not there yet, if it is the only one: setup can mend that.
  private static func load(
    _ path: String, _ environment: [String: String]
  ) throws(AgentConfiguration.Invalid) -> AgentConfiguration {
    do throws(AgentConfiguration.Invalid) {
      return try AgentConfiguration.load(path: path, environment: environment)
    } catch {
      let tolerated = try? AgentConfiguration.load(
        path: path, environment: environment, toleratingMissingSecrets: true)
      guard let tolerated, tolerated.readPaths.count(where: { access($0, F_OK) != 0 }) == 1 else { throw error }
      return tolerated
    }
  }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  var routesText: String? { Self.text(routesPath) }

  /// The entry of a host: one with that endpoint, or the only one if no host is named.
  func cluster(at endpoint: Endpoint?) -> ClusterConfiguration? {
    let clusters = configuration?.clusters ?? []
    guard let endpoint else { return clusters.count == 1 ? clusters[0] : nil }
    return clusters.first { $0.endpoints.contains(endpoint.url) }
  }

  /// The file that holds an entry's secret; nil if the secret is in pvescout.yml.
  func secretFile(of cluster: ClusterConfiguration) -> String? {
    guard case .token(_, let secret) = cluster.credentials else { return nil }
    return configuration?.readPaths.first {
      secret.isEmpty ? access($0, F_OK) != 0 : Self.secret(inFile: $0) == secret
    }
  }

  /// The first line of a file, of which at most 4 KiB are read; nil if it cannot be read, or is empty.
  static func secret(inFile path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let line = String(decoding: bytes[..<count], as: UTF8.self).prefix { !$0.isNewline }
    return line.isEmpty ? nil : String(line)
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
