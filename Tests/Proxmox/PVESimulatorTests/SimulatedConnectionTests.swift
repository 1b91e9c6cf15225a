import Foundation
import HTTPTransport
import PVESimulator
import PeerTrust
import TestSupport
import Testing

/// TLS, connections and simulated faults.
@Suite(.timeLimit(.minutes(5))) struct SimulatedConnectionTests {
  /// An address of its own, so that nothing else takes the port after the listener is closed.
  private static var ownAddress: PVESimulator.Configuration {
    var configuration = PVESimulator.Configuration()
    configuration.addresses = ["127.\(Int.random(in: 65...250)).\(Int.random(in: 0...255)).8"]
    return configuration
  }

  @Test func holdsAGivenNumberOfRequestsAConnection() async throws {
    var configuration = PVESimulator.Configuration()
    configuration.idleTimeout = .seconds(600)
    let simulator = try await PVESimulator.start(
      cluster: .sample(nodes: 1, guests: 0), configuration: configuration)
    let client = SimulatorClient(simulator)
    for _ in 0..<101 { #expect(try await client.get("/version").status == 200) }
    #expect(simulator.requests().count == 101)
    #expect(simulator.connectionCount == 2)
    #expect(simulator.credentialCount == 101)
    simulator.clearRequests()
    #expect(simulator.requests().isEmpty)
    await simulator.shutdown()
  }

  @Test func saysCloseAndKeepAliveOnProtectedCalls() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/lxc/101/interfaces")
    #expect(answer.headers.filter { $0.hasPrefix("Connection:") } == ["Connection: close", "Connection: Keep-Alive"])
    await simulator.shutdown()
  }

  @Test func closesAfterAnError() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
    let answer = try await SimulatorClient(simulator).get("/nope")
    #expect(answer.headers.filter { $0.hasPrefix("Connection:") } == ["Connection: close"])
    await simulator.shutdown()
  }

  @Test func servesItsWebInterfaceToGetAndRefusesHead() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 0))
    let client = SimulatorClient(simulator, authorization: nil)
    let page = try await client.send(HTTPRequest(.get, simulator.url + "/"))
    #expect(page.status == 200)
    #expect(page.body.contains("Proxmox Virtual Environment"))
    let head = try await client.send(HTTPRequest(.head, simulator.url + "/"))
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
    var client = SimulatorClient(simulator)
    client.trust = .caFile(certificate)
    for (address, local) in [("127.0.0.1", "pve1"), ("\(block).2", "pve2")] {
      client.url = simulator.url(on: address)
      let members = try await client.get("/cluster/status").objects
      #expect(members.first { $0["local"] as? Int == 1 }?["name"] as? String == local)
    }
    client.trust = .systemRoots
    await #expect(throws: HTTPTransportError.self) { try await client.get("/version") }

    simulator.update { $0.setNode("pve2", online: false) }
    client.trust = .insecure
    await #expect(throws: HTTPTransportError.self) { try await client.get("/version") }
    await simulator.shutdown()
  }

  @Test func showsItsFingerprintAsPVEDoes() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 2, guests: 0))
    #expect(simulator.fingerprint.wholeMatch(of: /([0-9A-F]{2}:){31}[0-9A-F]{2}/) != nil)
    let nodes = try await SimulatorClient(simulator).get("/nodes").objects
    #expect(nodes.map { $0["ssl_fingerprint"] as? String } == ["pve1", "pve2"].map { simulator.fingerprint(of: $0) })
    await simulator.shutdown()
  }

  @Test func goesAwayAndComesBackAtItsPort() async throws {
    let simulator = try await PVESimulator.start(
      cluster: .sample(nodes: 1, guests: 0), configuration: Self.ownAddress)
    let client = SimulatorClient(simulator)
    await simulator.pause()
    await #expect(throws: HTTPTransportError.self) { try await client.get("/version") }
    try await simulator.resume()
    #expect(try await client.get("/version").status == 200)
    await simulator.shutdown()
    await #expect(throws: HTTPTransportError.self) { try await client.get("/version") }
  }

  @Test func stopsWhenItIsLetGo() async throws {
    var simulator: PVESimulator? = try await PVESimulator.start(
      cluster: .sample(nodes: 1, guests: 0), configuration: Self.ownAddress)
    let client = try SimulatorClient(#require(simulator))
    #expect(try await client.get("/version").status == 200)
    simulator = nil
    try await eventually("the port is closed") { () -> Bool? in
      do {
        _ = try await client.get("/version")
        return nil
      } catch HTTPTransportError.connectionRefused {
        return true
      } catch is HTTPTransportError {
        // Reset while it was closing.
        return nil
      }
    }
  }
}
