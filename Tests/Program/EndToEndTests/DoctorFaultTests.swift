import PVESimulator
import TestSupport
import Testing

/// Whatever a cluster answers, `pvescout doctor` finishes and reports the fault.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct DoctorFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var fault: Fault
    /// The words of one line.
    var words: [String]
    /// Whether the remaining checks are still performed.
    var goesOn = false
    var status: Int32 = 1
    var testDescription: String { "\(fault.path): \(fault.kind)" }
  }

  static let cases = [
    Case(fault: Fault(.drop, path: "/access/domains"), words: ["problem", "endpoint", "ended early"]),
    Case(fault: Fault(.html502, path: "/access/domains"), words: ["problem", "endpoint", "502 Bad Gateway"]),
    Case(
      fault: Fault(.body("{}"), path: "/access/domains"), words: ["problem", "endpoint", "is the endpoint a PVE API?"]),
    Case(fault: Fault(.status(500, "oops"), path: "/version"), words: ["problem", "version", "500 oops"]),
    Case(
      fault: Fault(
        .status(
          500, "RPCEnvironment init request failed: Unable to load access control list: Connection refused", body: ""),
        path: "/"),
      words: ["systemctl restart pve-cluster"]),
    Case(
      fault: Fault(.status(500, "ipcc_send_rec[1] failed: Connection refused"), path: "/version"),
      words: ["systemctl restart pve-cluster"]),
    Case(
      fault: Fault(.status(500, "address lookup for 'pve1' did not find any IP address"), path: "/cluster/status"),
      words: ["on pve1, as root", "/etc/hosts"], goesOn: true),
    Case(
      fault: Fault(.status(401, "Authentication failed!"), path: "/version"),
      words: ["pveum user modify pvescout@pve --enable 1 --expire 0"]),
    Case(fault: Fault(.halfJSON, path: "/version"), words: ["problem", "version", "PVE's JSON"]),
    Case(fault: Fault(.body(#"{"data":[1]}"#), path: "/version"), words: ["problem", "version", "/version"]),
    Case(fault: Fault(.status(401, "No ticket"), path: "/version"), words: ["problem", "token", "401"]),
    Case(fault: Fault(.truncated, path: "/cluster/resources"), words: ["problem", "cluster", "ended early"]),
    Case(
      fault: Fault(.body(String(repeating: " ", count: 5 << 20)), path: "/cluster/resources"),
      words: ["problem", "cluster", "5242880 bytes"]),
    Case(
      fault: Fault(.status(596, "Connection timed out"), path: "/nodes/pve2/network"),
      words: ["problem", "node", "pve2", "596 Connection timed out"], goesOn: true),
    Case(
      fault: Fault(.status(501, "not implemented"), path: "/nodes/pve2/network"),
      words: ["warning", "node", "pve2", "501"], goesOn: true, status: 0),
    Case(fault: Fault(.html502, path: "/cluster/status"), words: ["problem", "cluster", "502"], goesOn: true),
    Case(
      fault: Fault(.status(403, "Permission check failed (/nodes/pve1, Sys.Audit)"), path: "/nodes/pve1/time"),
      words: ["ok", "clock", "pve2"], goesOn: true, status: 0),
    Case(
      fault: Fault(.status(500, "one of many"), path: "/nodes/pve1/lxc/101/"),
      words: ["warning", "addresses", "101 ", "500 one of many"], goesOn: true, status: 0),
    Case(
      fault: Fault(.body(#"{"data":"what"}"#), path: "/nodes/pve1/lxc/101/"),
      words: ["warning", "addresses", "101 "], goesOn: true, status: 0),
    Case(fault: Fault(.status(500, "no"), path: "/access/acl"), words: ["ok", "VM.Audit"], goesOn: true, status: 0),
  ]

  @Test(arguments: cases)
  func comesToItsEnd(_ subject: Case) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    simulator.inject(subject.fault)
    let entry = """
        - name: lab
          endpoints: [\(simulator.url)]
          token_id: \(SimulatedCluster.sampleToken.id)
          token_secret: \(SimulatedCluster.sampleToken.secret)
          tls: {fingerprint: "\(simulator.fingerprint)"}
      """
    let doctor = try await Doctor.run(.patient([entry]))
    await simulator.shutdown()
    #expect(doctor.status == .code(subject.status), "\(doctor)")
    let isSaid = doctor.output.split(separator: "\n").contains { line in subject.words.allSatisfy { line.contains($0) }
    }
    #expect(isSaid, "no line says \(subject.words):\n\(doctor.output)")
    #expect(doctor.output.contains("guests have addresses") == subject.goesOn, "\(doctor.output)")
  }
}
