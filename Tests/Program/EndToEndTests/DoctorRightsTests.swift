import PVESimulator
import TestSupport
import Testing

/// The output of `pvescout doctor` about rights, clocks, certificates and guests, with a simulated cluster for each
/// case.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct DoctorRightsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var version = PVEVersion(9, 0, 10)
    var status: Int32 = 1
    /// The expected lines, each given by words that it contains.
    var lines: [[String]]
    var change: @Sendable (inout SimulatedCluster) -> Void
    var testDescription: String { name }
  }

  private static let token = "'pvescout@pve!agent'"
  private static let auditor = Permissions.auditor(PVEVersion(9, 0, 10))

  static let cases = [
    Case(
      name: "a token without rights",
      lines: [
        ["problem", "rights", "privilege separation"], ["problem", "VM.Audit", "empty because it is forbidden"],
        ["warning", "Sys.Audit", "missing on /"], ["warning", "SDN.Audit", "bridges"],
        ["pveum acl modify / --users pvescout@pve --tokens \(token) --roles PVEAuditor"],
      ]
    ) { $0.tokens[0].permissions = .none },
    Case(
      name: "a token with fewer rights than its user",
      lines: [
        ["problem", "VM.Audit", "privileges are separated"],
        ["pveum acl modify / --tokens \(token) --roles PVEAuditor"],
      ]
    ) { cluster in
      cluster.tokens[0].permissions = Permissions(["/": .init(["Sys.Audit"])])
      cluster.users = [SimulatedUser(name: "pvescout@pve", password: "p", permissions: auditor)]
    },
    Case(
      name: "a role on a deeper path",
      lines: [
        ["problem", "VM.Audit", "the role Power of token pvescout@pve!agent on /vms replaces"],
        ["ok", "Sys.Audit", "granted on /"],
        ["pveum acl modify /vms --tokens \(token) --roles PVEAuditor"],
      ]
    ) { cluster in
      cluster.users = [SimulatedUser(name: "pvescout@pve", password: "p", permissions: auditor)]
      cluster.tokens[0].permissions.roles["/vms"] = .init(["VM.PowerMgmt"], name: "Power")
    },
    Case(
      name: "a role on one guest", status: 0,
      lines: [["warning", "VM.Audit", "/vms/101", "replaces"], ["pveum acl modify /vms/101 --tokens \(token) "]]
    ) { cluster in
      cluster.users = [SimulatedUser(name: "pvescout@pve", password: "p", permissions: auditor)]
      cluster.tokens[0].permissions.roles["/vms/101"] = .init(["VM.PowerMgmt"], name: "Power")
    },
    Case(
      name: "an auditor of PVE 8", version: PVEVersion(8, 4, 1), status: 0,
      lines: [
        ["warning", "VM.Monitor", "PVE 9 has VM.GuestAgent.Audit"],
        ["pveum role add ScoutReader --privs 'VM.Audit VM.Monitor'"],
        ["pveum acl modify /vms --users pvescout@pve --tokens \(token) --roles ScoutReader"],
      ]
    ) { $0.tokens[0].permissions = .auditor(PVEVersion(8, 4, 1)) },
    Case(
      name: "the old right on PVE 9", status: 0,
      lines: [
        ["warning", "VM.GuestAgent.Audit", "PVE 9 took VM.Monitor away"],
        ["warning", "addresses", "for want of VM.GuestAgent.Audit", "110 "],
      ]
    ) {
      $0.tokens[0].permissions = Permissions(["/": .init(["VM.Audit", "Sys.Audit", "SDN.Audit", "Pool.Audit"])])
    },
    Case(
      name: "a token that ends soon", status: 0,
      lines: [
        ["warning", "token", "it expires on 2001-09-09"], ["pveum user token modify pvescout@pve agent --expire 0"],
      ]
    ) { $0.tokens[0].expires = 1_000_000_000 },
    Case(
      name: "clocks apart",
      lines: [
        ["problem", "clock", "pve2", "2 h", "ahead"], ["warning", "clock", "pve3", "min", "behind"],
        ["ok", "clock", "pve1"], ["chronyc makestep"],
      ]
    ) { cluster in
      cluster.nodes[1].clockOffset = 7205
      cluster.nodes[2].clockOffset = -200
    },
    Case(
      name: "guests without addresses", status: 0,
      lines: [
        ["warning", "addresses", "without a guest agent", "110 "], ["qm set 110 --agent enabled=1"],
        ["warning", "addresses", "does not answer", "120 "],
        ["warning", "addresses", "answers and refuses", "130 ", "has been disabled"],
        ["warning", "addresses", "no interface has an address", "101 "],
      ]
    ) { cluster in
      for (vmid, agent) in [(110, SimulatedGuest.Agent.absent), (120, .silent), (130, .refusing)] {
        cluster.change(vmid) { $0.agent = agent }
      }
      cluster.change(101) { $0.interfaces = [] }
    },
    Case(
      name: "containers with environment variables", status: 0,
      lines: [["warning", "addresses", "environment variables", "107 "], ["no grant is needed"]]
    ) { cluster in
      for vmid in [101, 107] { cluster.change(vmid) { $0.hasEnvironment = true } }
    },
    Case(
      name: "pools granted singly", status: 0,
      lines: [
        ["warning", "VM.Audit", "granted on /vms/101 only"],
        ["warning", "Pool.Audit", "granted on /pool/media only: other pools are not shown"],
      ]
    ) { cluster in
      cluster.change(101) { $0.pool = "media" }
      cluster.tokens[0].permissions = Permissions([
        "/": .init(["Sys.Audit", "SDN.Audit"]),
        "/pool/media": .init(["VM.Audit", "Pool.Audit", "VM.GuestAgent.Audit"]),
      ])
    },
    Case(
      name: "a node that sends no data", status: 0,
      lines: [["warning", "addresses", "no data", "101 "], ["systemctl restart pvestatd"]]
    ) { $0.setReporting("pve1", false) },
    Case(name: "no quorum", lines: [["problem", "quorum", "no quorum"]]) { $0.isQuorate = false },
  ]

  @Test(arguments: cases)
  func tells(_ subject: Case) async throws {
    var cluster = SimulatedCluster.sample(guests: 30, version: subject.version)
    for vmid in [110, 120, 130] { cluster.start(vmid) }
    subject.change(&cluster)
    let simulator = try await PVESimulator.start(cluster: cluster)
    let doctor = try await Doctor.run(.patient([entry(simulator, "{fingerprint: \"\(simulator.fingerprint)\"}")]))
    await simulator.shutdown()
    #expect(doctor.status == .code(subject.status), "\(doctor)")
    for words in subject.lines {
      let isSaid = doctor.output.split(separator: "\n").contains { line in words.allSatisfy { line.contains($0) } }
      #expect(isSaid, "no line says \(words):\n\(doctor.output)")
    }
    #expect(!doctor.output.contains(SimulatedCluster.sampleToken.secret))
  }

  @Test(arguments: [(-20 ... -10, "expired", "pvecm updatecerts"), (10...20, "not valid yet", "timedatectl status")])
  func reportsCertificatesOutOfTime(days: ClosedRange<Int>, word: String, command: String) async throws {
    var configuration = PVESimulator.Configuration()
    configuration.certificateDays = days
    let simulator = try await PVESimulator.start(cluster: .sample(), configuration: configuration)
    let files = try AgentFiles.patient([entry(simulator, "{ca_file: ca.pem}")])
    try files.directory.write(simulator.certificatePEM, to: "ca.pem")
    let doctor = try await Doctor.run(files)
    #expect(doctor.status == .code(1) && doctor.says("problem", "endpoint", word, simulator.fingerprint), "\(doctor)")
    #expect(doctor.says(command), "\(doctor.output)")
    #expect(simulator.credentialCount == 0, "nothing was sent that somebody else could use")
    await simulator.shutdown()
  }

  @Test func reportsASelfSignedCertificateAndOfNoTrust() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    let strict = try await Doctor.run(.patient([entry(simulator, nil)]))
    #expect(strict.status == .code(1) && strict.says("problem", "endpoint", "self-signed"), "\(strict)")
    #expect(simulator.credentialCount == 0)
    let insecure = try await Doctor.run(.patient([entry(simulator, "{insecure: true}")]))
    #expect(insecure.status == .code(0) && insecure.says("warning", "endpoint", "tls.insecure"), "\(insecure)")
    await simulator.shutdown()
  }

  @Test func reportsASecondFactor() async throws {
    var cluster = SimulatedCluster.sample()
    cluster.users = [
      SimulatedUser(name: "watcher@pve", password: "hush", permissions: Self.auditor, totpCode: "123456")
    ]
    let simulator = try await PVESimulator.start(cluster: cluster)
    let text = entry(simulator, "{insecure: true}").replacing(
      "token_id: pvescout@pve!agent", with: "username: watcher@pve"
    )
    .replacing("token_secret: \(SimulatedCluster.sampleToken.secret)", with: "password: hush")
    let doctor = try await Doctor.run(.patient([text]))
    #expect(doctor.status == .code(1) && doctor.says("problem", "login", "second factor"), "\(doctor)")
    await simulator.shutdown()
  }

  @Test func reportsEndpointsOfTwoClustersInOneEntry() async throws {
    let (one, other) = (
      try await PVESimulator.start(cluster: .sample()), try await PVESimulator.start(cluster: .sample(name: "other"))
    )
    let text = entry(one, "{insecure: true}").replacing(one.url, with: "\(one.url), \(other.url)")
    let doctor = try await Doctor.run(.patient([text]))
    #expect(doctor.status == .code(1) && doctor.says("problem", "endpoint", other.url, "other nodes"), "\(doctor)")
    await one.shutdown()
    await other.shutdown()
  }

  private func entry(_ simulator: PVESimulator, _ tls: String?) -> String {
    """
      - name: lab
        endpoints: [\(simulator.url)]
        token_id: \(SimulatedCluster.sampleToken.id)
        token_secret: \(SimulatedCluster.sampleToken.secret)
    \(tls.map { "    tls: \($0)" } ?? "")
    """
  }
}
