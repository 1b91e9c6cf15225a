import Foundation
import PVESimulator
import TestSupport
import Testing

/// TLS, connections and what goes wrong on purpose.
@Suite struct SimulatedConnectionTests {
  @Test func holdsAGivenNumberOfRequestsAConnection() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    let url = simulator.url + "/api2/json/version"
    let header = "Authorization: \(SimulatedCluster.sampleToken.header)"
    let code = try await CurlClient.run(["-sk", "-H", header] + Array(repeating: url, count: 101))
    #expect(code == 0)
    #expect(simulator.requests().count == 101)
    #expect(simulator.connectionCount == 2)
    #expect(simulator.credentialCount == 101)
    simulator.clearRequests()
    #expect(simulator.requests().isEmpty)
    await simulator.shutdown()
  }

  @Test func saysCloseAndKeepAliveOnProtectedCalls() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
    let answer = try await CurlClient(simulator).get("/nodes/pve1/lxc/101/interfaces")
    #expect(answer.headers.filter { $0.hasPrefix("Connection:") } == ["Connection: close", "Connection: Keep-Alive"])
    await simulator.shutdown()
  }

  @Test func closesAfterAnError() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
    let answer = try await CurlClient(simulator).get("/nope")
    #expect(answer.headers.filter { $0.hasPrefix("Connection:") } == ["Connection: close"])
    await simulator.shutdown()
  }

  @Test func servesItsWebInterfaceToGetAndRefusesHead() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    let client = CurlClient(simulator, authorization: nil)
    let page = try await client.ask(simulator.url + "/", [])
    #expect(page.status == 200)
    #expect(page.body.contains("Proxmox Virtual Environment"))
    let head = try await client.ask(simulator.url + "/", ["-I"])
    #expect(head.status == 501)
    #expect(head.reason == "method 'HEAD' not available")
    #expect(simulator.credentialCount == 0)
    await simulator.shutdown()
  }

  @Test func isTrustedThroughItsCertificateOnEveryAddress() async throws {
    let folder = try TemporaryDirectory()
    var configuration = PVESimulator.Configuration()
    configuration.listensOnNodes = true
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 0)
    let block = "127.\(Int.random(in: 65...250)).\(Int.random(in: 1...250))"
    for index in 0..<2 { cluster.nodes[index].address = "\(block).\(index + 1)" }
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let certificate = try folder.write(simulator.certificatePEM, to: "ca.pem")
    for (address, local) in [("127.0.0.1", "pve1"), ("\(block).2", "pve2")] {
      let status = simulator.url(on: address) + "/api2/json/cluster/status"
      let header = "Authorization: \(SimulatedCluster.sampleToken.header)"
      #expect(try await CurlClient.run(["-s", "--cacert", certificate, "-H", header, status]) == 0)
      let members = try await CurlClient(simulator).ask(status, []).objects
      #expect(members.first { $0["local"] as? Int == 1 }?["name"] as? String == local)
    }
    // Not trusted where nobody says so.
    #expect(try await CurlClient.run(["-s", simulator.url]) == 60)

    simulator.update { $0.setNode("pve2", online: false) }
    await #expect(throws: CurlClient.Failure.self) {
      try await CurlClient(simulator).ask(simulator.url(on: "\(block).2") + "/", [])
    }
    await simulator.shutdown()
  }

  @Test func showsItsFingerprintAsPVEDoes() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 2, guests: 0))
    #expect(simulator.fingerprint.wholeMatch(of: /([0-9A-F]{2}:){31}[0-9A-F]{2}/) != nil)
    let nodes = try await CurlClient(simulator).get("/nodes").objects
    #expect(nodes.map { $0["ssl_fingerprint"] as? String } == [simulator.fingerprint, simulator.fingerprint])
    await simulator.shutdown()
  }

  @Test func goesAwayAndComesBackAtItsPort() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    let client = CurlClient(simulator)
    await simulator.pause()
    await #expect(throws: CurlClient.Failure(code: 7)) { try await client.get("/version") }
    try await simulator.resume()
    #expect(try await client.get("/version").status == 200)
    await simulator.shutdown()
    await #expect(throws: CurlClient.Failure(code: 7)) { try await client.get("/version") }
  }

  @Test func stopsWhenItIsLetGo() async throws {
    var simulator: PVESimulator? = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    let url = try #require(simulator?.url)
    simulator = nil
    _ = try await eventually("the port is closed") {
      try await CurlClient.run(["-sk", url]) == 7 ? true : nil
    }
  }
}
