import ProxmoxDiscovery
import RouteModel
import TestSupport
import Testing

@testable import AgentConfiguration

/// `control:` of a cluster.
@Suite struct ControlSettingTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func load(_ control: String) throws -> AgentConfiguration {
    let text = """
      providers: {files: []}
      proxmox:
        - name: home
          endpoints: [https://10.0.0.11]
          username: root@pam
          password: ${P}
          \(control)
      """
    return try AgentConfiguration.load(path: folder.write(text, to: "pvescout.yml"), environment: ["P": "x"])
  }

  @Test(arguments: [
    ("", false, false), ("control: false", false, false), ("control: true", true, false), ("control: {}", true, false),
    ("control: {nodes: false}", true, false), ("control: {nodes: true}", true, true),
  ])
  func readsWhatMayBeStarted(text: String, guests: Bool, nodes: Bool) throws {
    let cluster = try #require(try load(text).clusters.first)
    #expect(cluster.mayControlGuests == guests && cluster.mayWakeNodes == nodes)
  }

  @Test(arguments: [
    ("control: maybe", "control must be true or false, found 'maybe'"),
    ("control: {guests: true}", "unknown key 'guests'; known are nodes"),
    ("control: {nodes: maybe}", "nodes must be true or false, found 'maybe'"),
  ])
  func refusesAnythingElse(text: String, message: String) throws {
    #expect {
      try load(text)
    } throws: { error in
      (error as? AgentConfiguration.Invalid)?.problems.map(\.message) == [message]
    }
  }
}
