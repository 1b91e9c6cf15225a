import PVESimulator
import TestSupport
import Testing

/// Each node has its own certificate, and the configuration pins that of the first one.
@Suite(.serialized, .inTurn) struct NodeCertificateTests {
  @Test(.timeLimit(.minutes(15))) func reachesEachNodeUnderItsOwnCertificate() async throws {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 1)
    let block = "127.\(Int.random(in: 65...250)).\(Int.random(in: 1...250))"
    for index in 0..<2 { cluster.nodes[index].address = "\(block).\(index + 1)" }
    var configuration = PVESimulator.Configuration()
    configuration.addresses = []
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let entry = simulator.entry(
      trust: "{fingerprint: \"\(simulator.fingerprint)\"}", endpoints: [simulator.url(on: "\(block).1")])
    let routes = ["pve1", "pve2"].map { node in
      "\(node)-ui: {scheme: https, port: \(simulator.port), healthcheck: {use_get: true}, proxmox: {node: \(node)}}"
    }
    // The same address, but not a node's route: only the system's CAs are trusted there.
    let stranger =
      "other: {scheme: https, host: \(block).2, port: \(simulator.port), healthcheck: {use_get: true}, proxmox: {vmid: 101}}"
    let lab = try await ProxyLab.start(routes: (routes + [stranger]).joined(separator: "\n"), clusters: [entry])
    for node in ["pve1", "pve2"] {
      try await lab.agent.route("\(node)-ui", "is healthy") { $0["health"]["status"] == "healthy" }
      let page = try await lab.get("\(node)-ui")
      #expect(page.status == 200 && page.text.contains("Proxmox Virtual Environment"), "\(page)")
    }
    #expect(try await lab.get("other").status == 502)
    simulator.renewCertificate(of: "pve2")
    simulator.clearFaults()
    try await lab.agent.route("pve2-ui", "is refused with another") { $0["health"]["status"] == "unhealthy" }
  }
}
