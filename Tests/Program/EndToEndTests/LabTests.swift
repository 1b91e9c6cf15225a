import HTTPTransport
import PeerTrust
import TestSupport
import Testing

/// The lab itself: tests that depend on it must fail only for the right reason.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct LabTests {
  private func get(_ pve: FakePVE, _ path: String, secret: String? = nil) async throws -> HTTPResponse {
    let client = HTTPClient()
    defer { client.shutdown() }
    var request = HTTPRequest(.get, pve.manifest.endpoints[1] + path)
    request.trust = .caFile(pve.manifest.ca_file)
    request.headers = [("Authorization", "PVEAPIToken=\(pve.tokenID)=\(secret ?? pve.tokenSecret)")]
    return try await client.send(request)
  }

  @Test func answersLikePVE() async throws {
    let pve = try SharedCluster.required()
    let version = try await get(pve, "/api2/json/version")
    #expect(try JSON(parsing: version.body)["data"]["release"] == "9.0")
    let unknown = try await get(pve, "/api2/json/nope")
    #expect(unknown.status == 501 && unknown.reasonPhrase == "Method 'GET /nope' not implemented")
    #expect(unknown.header("Connection") == "close")
    let refused = try await get(pve, "/api2/json/version", secret: "x")
    #expect(refused.status == 401 && refused.body.isEmpty)
    let guests = try JSON(parsing: try await get(pve, "/api2/json/cluster/resources?type=vm").body)["data"]
    #expect(guests.elements.count == 44 && pve.manifest.guests.count == 43)
  }

  @Test func seesWhatWasAskedAndByWhom() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    _ = try await get(pve, "/api2/json/version", secret: "wrong")
    let seen = try await pve.requests("/version")
    #expect(seen.map(\.token) == [pve.tokenID])
    #expect(try await pve.requests("/nodes").isEmpty)
  }

  @Test func holdsWhatIsOverTheLimitUntilCleared() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "limit", "path": "/version", "times": 1])
    _ = try await get(pve, "/api2/json/version")
    try await pve.control(["op": "forget"])
    async let held = get(pve, "/api2/json/version")
    try await eventually("the second arrives") { try await pve.requests("/version").isEmpty ? nil : true }
    try await pve.control(["op": "clear"])
    #expect(try await held.status == 200)
  }

  @Test(.timeLimit(.minutes(10))) func showsWhatARealClusterDoesAtItsWorst() async throws {
    let pve = try await FakePVE.start(nodes: 2, lxc: 6, vms: 1)
    func rows(_ type: String) async throws -> [JSON] {
      try JSON(parsing: try await get(pve, "/api2/json/cluster/resources?type=\(type)").body)["data"].elements
    }
    #expect(Set(pve.manifest.fingerprints.values).count == 2)
    let nodes = try JSON(parsing: try await get(pve, "/api2/json/nodes").body)["data"]
    #expect(
      nodes.elements.allSatisfy { $0["ssl_fingerprint"].string == pve.manifest.fingerprints[$0["node"].string ?? ""] })

    try await pve.control(["op": "report", "node": "pve1", "reporting": false])
    let silent = try await rows("vm").filter { $0["node"] == "pve1" }
    #expect(silent.allSatisfy { $0["status"] == "unknown" && $0["name"] == .null } && silent.count >= 3)
    #expect(try await rows("node").first { $0["node"] == "pve1" }?["status"] == "unknown")
    let live = try JSON(parsing: try await get(pve, "/api2/json/nodes/pve1/lxc").body)["data"].elements
    #expect(live.allSatisfy { $0["name"] != .null && $0["status"] != "unknown" } && !live.isEmpty)
    try await pve.control(["op": "report", "node": "pve1"])

    try await pve.control(["op": "environment", "vmid": 100])
    let refused = try await get(pve, "/api2/json/nodes/pve1/lxc/100/config")
    #expect(refused.status == 403 && refused.reasonPhrase.contains("(/vms/100, VM.Config.Options)"))

    try await pve.control(
      ["op": "pool", "vmid": 101, "pool": "media"],
      ["op": "grant", "user": .string(pve.tokenID), "path": "/pool/media", "privileges": ["VM.Audit"]],
      ["op": "grant", "user": .string(pve.tokenID), "path": "/vms/102", "privileges": ["VM.Audit"]])
    #expect(try await rows("vm").map { $0["vmid"] } == [101, 102])
    try await pve.control(["op": "deny", "user": .string(pve.tokenID), "path": "/vms/101"])
    #expect(try await rows("vm").map { $0["vmid"] } == [102])
    try await pve.control(["op": "revoke", "user": .string(pve.tokenID), "path": "/vms/102"])
    #expect(try await rows("vm").isEmpty)
    try await pve.control(["op": "disable", "user": "pvescout@pve"])
    #expect(try await get(pve, "/api2/json/version").status == 401)
  }

  @Test func comesBackWhereItWas() async throws {
    let pve = try await FakePVE.start(nodes: 2, lxc: 1, vms: 0)
    try await pve.stop()
    await #expect(throws: HTTPTransportError.self) { try await get(pve, "/api2/json/version") }
    try await pve.restart()
    #expect(try await get(pve, "/api2/json/version").status == 200)
  }

  @Test func twoLabsShareNoAddress() async throws {
    let (one, other) = (try SharedCluster.required(), try await FakePVE.start(lxc: 1, vms: 0))
    #expect(Set(one.manifest.endpoints).isDisjoint(with: other.manifest.endpoints))
  }
}
