import RouteModel
import RouteProviders
import TestSupport
import Testing

@testable import AgentConfiguration

/// The manual's tables contain the same keys as the parsers.
@Suite struct ManualKeyTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func configurationHasEveryKeyOfTheAgentsFile() throws {
    let known = KnownKeys { text in
      let path = try folder.write(text, to: "pvescout.yml")
      do throws(AgentConfiguration.Invalid) {
        return try AgentConfiguration.load(path: path, environment: [:]).warnings.map(\.message)
      } catch {
        return error.problems.map(\.message)
      }
    }
    let keys = try known.paths { $0 }
    #expect(keys.isSuperset(of: ["proxmox.realm", "proxmox.guests.*.addresses.cidr", "notify.tls.insecure"]))
    try expect(keys, in: "Configuration")
  }

  @Test func routeFilesHasEveryKeyOfARoute() throws {
    let files = RouteFiles(patterns: ["routes.yml"], baseDirectory: folder.path, locations: [])
    let known = KnownKeys { text in
      try folder.write(text, to: "routes.yml")
      return files.load(environment: [:]).providers.flatMap(\.problems).map(\.message)
    }
    let keys = try known.paths { "{route: \($0)}" }
    #expect(keys.isSuperset(of: ["ssl_server_name", "proxmox.vmid", "healthcheck.payload"]))
    try expect(keys, in: "RouteFiles")
  }

  private func expect(_ keys: Set<String>, in article: String) throws {
    let documented = try Self.keys(of: ManualArticle(article))
    let undocumented = keys.subtracting(documented).sorted()
    #expect(undocumented.isEmpty, "\(article).md lacks \(undocumented)")
    let unknown = documented.subtracting(keys).sorted()
    #expect(unknown.isEmpty, "\(article).md has \(unknown), which no parser knows")
  }

  /// The first column of the tables whose first header is `key`, `key of a route` or ``key of `section` ``.
  private static func keys(of article: ManualArticle) -> Set<String> {
    var keys: Set<String> = []
    for table in article.tables {
      guard let header = table.header.first, header == "key" || header.hasPrefix("key of ") else { continue }
      let prefix = ManualArticle.code(in: header).first.map { "\($0)." } ?? ""
      for row in table.rows { keys.formUnion(ManualArticle.code(in: row.first ?? "").map { prefix + $0 }) }
    }
    return keys
  }
}
