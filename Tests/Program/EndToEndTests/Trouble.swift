import PVESimulator
import Testing

/// A fault of a cluster, and the agent's output about it.
struct Trouble: Sendable, CustomTestStringConvertible {
  enum Victim: Sendable {
    /// Nothing of the cluster can be read.
    case cluster
    /// Only these guests are affected.
    case guests([Int])
    /// Everything on a node is affected.
    case node(String)
    /// Nothing is affected: the agent finds another way.
    case nobody
  }

  var testDescription: String
  var victim: Victim
  /// The words in the victim's `error`.
  var words: [String]
  var guests = 20
  /// As in `discovery.request_timeout`.
  var requestTimeout = "5s"
  var begin: @Sendable (PVESimulator) async throws -> Void
  var end: @Sendable (PVESimulator) async throws -> Void = { $0.clearFaults() }

  init(
    _ name: String, _ victim: Victim = .cluster, says words: String..., guests: Int = 20,
    requestTimeout: String = "5s",
    begin: @escaping @Sendable (PVESimulator) async throws -> Void,
    end: @escaping @Sendable (PVESimulator) async throws -> Void = { $0.clearFaults() }
  ) {
    (testDescription, self.victim, self.words, self.guests) = (name, victim, words, guests)
    self.requestTimeout = requestTimeout
    (self.begin, self.end) = (begin, end)
  }

  /// A fault of the call that lists everything.
  init(list fault: Fault.Kind, _ name: String, says words: String...) {
    self.init(name) { $0.inject(Fault(fault, path: "/cluster/resources")) }
    self.words = words
  }

  func isVictim(vmid: Int, node: String) -> Bool {
    switch victim {
    case .cluster: true
    case .guests(let vmids): vmids.contains(vmid)
    case .node(let name): name == node
    case .nobody: false
    }
  }
}

extension Trouble {
  /// Guests 101 to 120 on pve1, pve2 and pve3 in turn; 110 and 120 are VMs with an agent.
  static let all: [Trouble] = connections + lists + parts

  private static let connections: [Trouble] = [
    Trouble("endpoint down", says: "refused", begin: { await $0.pause() }, end: { try await $0.resume() }),
    Trouble("endpoint hanging", says: "timed out") { $0.inject(Fault(.hang)) },
    Trouble("endpoint silent before TLS", says: "timed out") { try $0.breakConnections(.silence) },
    Trouble("endpoint resetting", says: "TLS") { try $0.breakConnections(.reset) },
    Trouble("endpoint without TLS", says: "TLS") { try $0.breakConnections(.plainText) },
    Trouble("another certificate", says: "fingerprint", "none of the pinned ones") {
      try $0.breakConnections(.otherCertificate)
    },
    Trouble("connection dropped", says: "ended early") { $0.inject(Fault(.drop)) },
    Trouble("cluster restarted", .nobody) { simulator in
      await simulator.pause()
      try await simulator.resume()
    },
  ]

  private static let lists: [Trouble] = [
    Trouble(
      "401", says: "401", "pvescout@pve!agent", "pveum user token list",
      begin: { $0.update { $0.tokens[0].secret = "other" } },
      end: { $0.update { $0.tokens[0].secret = SimulatedCluster.sampleToken.secret } }),
    Trouble(
      list: .status(403, "Permission check failed (/, Sys.Audit)"), "403", says: "grant Sys.Audit on /"),
    Trouble(list: .status(500, "cluster not ready - no quorum?"), "500", says: "500 cluster not ready - no quorum?"),
    Trouble(
      list: .status(501, "Method 'GET /cluster/resources' not implemented"), "501", says: "501", "does not offer it"),
    Trouble(list: .status(595, "Connection refused"), "595", says: "595 Connection refused"),
    Trouble(list: .html502, "HTML 502", says: "502 Bad Gateway"),
    Trouble(list: .halfJSON, "half a JSON", says: "wanted PVE's JSON", "the text ends"),
    Trouble(list: .brokenGzip, "broken gzip", says: "content unencoding"),
    Trouble(list: .truncated, "half an answer", says: "ended early"),
    Trouble(
      list: .body(String(repeating: "<p>", count: 5 << 20 / 3)), "a body of 5 MB", says: "5242878 bytes beginning"),
    Trouble(list: .body(#"{"data":{"nodes":[1,2]}}"#), "wrong types", says: "wanted PVE's JSON"),
    Trouble(list: .body(#"{"data":[]}"#), "an answer without nodes", says: "no node"),
    Trouble("random order of keys and rows", .nobody) { simulator in
      simulator.inject(Fault(.body(shuffledList(of: simulator.cluster)), path: "/cluster/resources"))
    },
  ]

  private static let parts: [Trouble] = [
    Trouble("one of 200 guests failing", .guests([102]), says: "500 lxc-info: broken", guests: 200) {
      $0.inject(Fault(.status(500, "lxc-info: broken"), path: "/nodes/pve2/lxc/102/interfaces"))
    },
    Trouble("one guest hanging", .guests([102]), says: "timed out") {
      $0.inject(Fault(.hang, path: "/nodes/pve2/lxc/102/interfaces"))
    },
    Trouble("one guest forbidden", .guests([102]), says: "grant VM.Audit on /vms/102") {
      $0.inject(
        Fault(.status(403, "Permission check failed (/vms/102, VM.Audit)"), path: "/nodes/pve2/lxc/102/interfaces"))
    },
    Trouble("one guest answering nonsense", .guests([102]), says: "should hold") {
      $0.inject(Fault(.body(#"{"data":"what?"}"#), path: "/nodes/pve2/lxc/102/interfaces"))
    },
    Trouble("501 for a call that an older PVE lacks", .nobody) {
      $0.inject(Fault(.status(501, "Method 'GET' not implemented"), path: "/nodes/pve2/lxc/102/interfaces"))
    },
    Trouble("596 after 30 s", .node("pve2"), says: "596 Connection timed out", requestTimeout: "30s") {
      $0.inject(Fault(.status(596, "Connection timed out", after: .seconds(30)), path: "/nodes/pve2/"))
    },
    Trouble(
      "node offline", .node("pve2"), says: "its node pve2 is offline",
      begin: { $0.update { $0.setNode("pve2", online: false) } },
      end: { $0.update { $0.setNode("pve2", online: true) } }),
    Trouble(
      "guest agent silent", .guests([110]), says: "the guest agent does not answer",
      begin: { $0.update { $0.change(110) { $0.agent = .silent } } },
      end: { $0.update { $0.change(110) { $0.agent = .running } } }),
  ]

  /// The answer of `/cluster/resources` in random order, as in PVE.
  private static func shuffledList(of cluster: SimulatedCluster) -> String {
    let nodes = cluster.nodes.map { [("type", "\"node\""), ("node", "\"\($0.name)\""), ("status", "\"online\"")] }
    let guests = cluster.guests.map { guest in
      [
        ("type", "\"\(guest.kind.rawValue)\""), ("vmid", "\"\(guest.vmid)\""), ("node", "\"\(guest.node)\""),
        ("name", "\"\(guest.name ?? "")\""), ("status", "\"\(guest.status)\""), ("uptime", "900000.0"),
        ("tags", "null"),
        ("template", "\"0\""), ("pressure", "{\"a\":[1,{\"b\":null}]}"),
      ]
    }
    let rows = (nodes + guests).shuffled().map { row in
      "{" + row.shuffled().map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
    return "{\"success\":1,\"data\":[\(rows.joined(separator: ","))]}"
  }
}
