import FoundationEssentials
import ProxmoxInventory
import Testing

@testable import AgentRuntime

@Suite struct AgentViewTests {
  /// A start by command just after the agent is ready needs the link of its route.
  @Test func aClusterIsPendingUntilItIsReadAndTheRoutesAreLinkedWithIt() {
    var read = ClusterSnapshot(name: "home")
    read.freshness = Freshness(asOf: Date(timeIntervalSince1970: 0))
    var failed = ClusterSnapshot(name: "cabin")
    failed.error = "connection refused"
    let inventory = InventorySnapshot(clusters: [read, failed])
    let pending = AgentView.pendingClusters(of: inventory, linked: [])
    #expect(pending.map(\.name) == ["home", "cabin"])
    #expect(pending.map(\.error) == [nil, "connection refused"])
    #expect(AgentView.pendingClusters(of: inventory, linked: ["home"]).map(\.name) == ["cabin"])
  }
}
