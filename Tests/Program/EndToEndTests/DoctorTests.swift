import TestSupport
import Testing

/// The output of `pvescout doctor` about a cluster and its endpoints.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct DoctorTests {
  private func isWell(_ doctor: Program.Finished) -> Bool { doctor.status == .code(0) }

  @Test func findsAHealthyClusterHealthy() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    let doctor = try await Doctor.run(.patient([pve.entry()]))
    #expect(isWell(doctor) && doctor.errors.isEmpty, "\(doctor)")
    for endpoint in pve.manifest.endpoints {
      #expect(doctor.says("ok", "endpoint", endpoint, "answers in"), "\(doctor.output)")
    }
    #expect(doctor.says("ok", "token", pve.tokenID, "PVE 9.0.10"), "\(doctor.output)")
    for privilege in ["VM.Audit", "Sys.Audit", "SDN.Audit", "VM.GuestAgent.Audit"] {
      #expect(doctor.says("ok", privilege, "granted on"), "\(doctor.output)")
    }
    #expect(doctor.says("ok", "node", "3 nodes online", "pve1", "pve2", "pve3"), "\(doctor.output)")
    #expect(doctor.says("ok", "clock", "agrees"), "\(doctor.output)")
    #expect(doctor.says("addresses", "42 of 43 guests", "3 from guest agents"), "\(doctor.output)")
    #expect(doctor.says("addresses", "not running", "139 caddy"), "\(doctor.output)")
    #expect(doctor.output.hasSuffix("all is well\n"), "\(doctor.output)")
    #expect(!doctor.output.contains("\u{1B}") && !doctor.output.contains(pve.tokenSecret))
    let requests = try await pve.requests()
    #expect(requests.allSatisfy { $0.method == "GET" }, "it changes nothing")
    #expect(requests.filter { $0.path.hasSuffix("/access/domains") }.allSatisfy { $0.token == nil })
  }

  @Test func namesWhatItMayNotStartStopOrWake() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    for name in ["pvescout@pve", pve.tokenID] {
      try await pve.control([
        "op": "grant", "user": .string(name), "path": "/",
        "privileges": ["VM.Audit", "Sys.Audit", "SDN.Audit", "VM.GuestAgent.Audit"],
      ])
    }
    var files = try AgentFiles(
      clusters: [pve.entry() + "\n    control: {nodes: true}"],
      routes: ["routes.yml": "bee: {proxmox: {vmid: 107, start: on_request}, idlewatcher: {wake_node: true}}"])
    files.discovery = "{request_timeout: 60s}"
    let doctor = try await Doctor.run(files)
    #expect(doctor.says("warning", "VM.PowerMgmt", "missing on /vms/107"), "\(doctor.output)")
    #expect(doctor.says("warning", "Sys.PowerMgmt", "missing on /nodes/pve2"), "\(doctor.output)")
    #expect(doctor.says("pveum acl modify /vms/107 ", " --roles ScoutPower"), "\(doctor.output)")
    #expect(doctor.says("pveum acl modify /nodes/pve2 ", " --roles ScoutWaker"), "\(doctor.output)")
  }

  @Test func showsThePresentedFingerprintAndTheWayToTheTrueOne() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    let doctor = try await Doctor.run(.patient([pve.entry(trust: .wrongFingerprint(pve.almostTheFingerprint))]))
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "endpoint", pve.manifest.fingerprint, "nothing was sent"), "\(doctor.output)")
    #expect(doctor.says("wanted", pve.almostTheFingerprint))
    #expect(doctor.says("/etc/pve/local/pve-ssl.pem", "openssl x509 -noout -fingerprint -sha256"), "\(doctor.output)")
    #expect(doctor.says("Compare it", "yourself"), "\(doctor.output)")
    #expect(try await pve.requests().isEmpty)
  }

  @Test func saysWhatToConfigureForACertificateThatNobodyVouchesFor() async throws {
    let (pve, stranger) = (try SharedCluster.required(), try await FakePVE.start(lxc: 1, vms: 0))
    try await pve.control(["op": "forget"])
    let another = pve.entry().replacing(pve.manifest.ca_file, with: stranger.manifest.ca_file)
    let none = pve.entry().split(separator: "\n").filter { !$0.contains("tls:") }.joined(separator: "\n")
    for (entry, words) in [(another, "issued by the CA in"), (none, "no tls settings")] {
      let doctor = try await Doctor.run(.patient([entry]))
      #expect(doctor.status == .code(1))
      #expect(doctor.says("problem", "not trusted", pve.manifest.fingerprint), "\(doctor.output)")
      #expect(doctor.says("wanted", words), "\(doctor.output)")
      #expect(doctor.says("scp root@", "/etc/pve/pve-root-ca.pem"), "\(doctor.output)")
    }
    #expect(try await pve.requests().allSatisfy { $0.token == nil }, "no token was sent")
  }

  @Test func asksARefusedTokenOnceAndTellsHowToFindTheCause() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    let doctor = try await Doctor.run(.patient([pve.entry(secret: "hush-hush")]))
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "token", pve.tokenID, "401"), "\(doctor.output)")
    #expect(doctor.says("pveum user token list pvescout@pve"), "\(doctor.output)")
    #expect(doctor.says("pveum user token add pvescout@pve agent --privsep 1"), "\(doctor.output)")
    #expect(!doctor.output.contains("hush-hush") && !doctor.errors.contains("hush-hush"))
    #expect(try await pve.requests().count { $0.token != nil } == 1, "each refusal takes PVE three seconds")
  }

  @Test func logsInWithAPassword() async throws {
    let pve = try SharedCluster.required()
    for (password, status) in [(pve.manifest.password, Int32(0)), ("hush-hush", 1)] {
      var entry = pve.entry().split(separator: "\n").filter { !$0.contains("token_") }.map(String.init)
      entry += ["    username: root@pam", "    password: \(password)"]
      let doctor = try await Doctor.run(.patient([entry.joined(separator: "\n")]))
      #expect(doctor.status == .code(status), "\(doctor.output)")
      #expect(doctor.says(status == 0 ? "ok" : "problem", "login", "root@pam"), "\(doctor.output)")
      #expect(!doctor.output.contains(password))
    }
  }

  @Test func reportsOneEndpointThatRefusesAndUsesTheNext() async throws {
    let pve = try SharedCluster.required()
    let dead = "https://\(pve.manifest.network).9.9:1"
    let doctor = try await Doctor.run(.patient([pve.entry(endpoints: [dead, pve.manifest.endpoints[1]])]))
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "endpoint", dead, "refused"), "\(doctor.output)")
    #expect(doctor.says("systemctl status pveproxy"), "\(doctor.output)")
    #expect(doctor.says("ok", "token", pve.manifest.endpoints[1]), "\(doctor.output)")
  }

  @Test func reportsWhatIsNoPVE() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "raw", "path": "", "type": "text/html", "body": "<html>Welcome to the router</html>"])
    let doctor = try await Doctor.run(.patient([pve.entry()]))
    try await pve.control(["op": "clear"])
    #expect(doctor.status == .code(1))
    #expect(
      doctor.says("problem", "endpoint", "Welcome to the router", "is the endpoint a PVE API?"), "\(doctor.output)")
  }

  @Test func reportsAnEndpointThatHangs() async throws {
    let pve = try SharedCluster.required()
    var files = try AgentFiles(clusters: [pve.entry(endpoints: [pve.manifest.endpoints[0]])])
    files.discovery = "{request_timeout: 1s}"
    try await pve.control(["op": "hang"])
    let doctor = try await Doctor.run(files)
    try await pve.control(["op": "clear"])
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "endpoint", "timed out after 1 s"), "\(doctor.output)")
  }

  /// One failing call does not hide other results.
  @Test(arguments: ["/cluster/status", "/access/permissions"])
  func goesOnWhereOneCallFails(path: String) async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "fail", "path": .string(path), "status": 500, "message": "out of luck"])
    let doctor = try await Doctor.run(.patient([pve.entry()]))
    try await pve.control(["op": "clear"])
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "500 out of luck") && doctor.says("wanted", "GET \(path)"), "\(doctor.output)")
    #expect(doctor.says("systemctl status pve-cluster"), "\(doctor.output)")
    #expect(doctor.says("ok", "token") && doctor.says("addresses", "42 of 43 guests"), "\(doctor.output)")
  }

  @Test func reportsANodeThatTheEndpointDoesNotReach() async throws {
    let pve = try SharedCluster.required()
    try await pve.control([
      "op": "fail", "path": "/nodes/pve2/network", "status": 595, "message": "No route to host",
    ])
    let doctor = try await Doctor.run(.patient([pve.entry(endpoints: [pve.manifest.endpoints[0]])]))
    try await pve.control(["op": "clear"])
    #expect(doctor.status == .code(1))
    #expect(
      doctor.says("problem", "node", "pve2 is online for the cluster", "595 No route to host"), "\(doctor.output)")
    #expect(doctor.says("curl -sk", "https://pve2:8006/"), "\(doctor.output)")
  }

  @Test func reportsANodeThatIsOffline() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "offline", "node": "pve3"])
    let doctor = try await Doctor.run(.patient([pve.entry(endpoints: [pve.manifest.endpoints[0]])]))
    try await pve.control(["op": "offline", "node": "pve3", "offline": false])
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "node", "pve3 is offline"), "\(doctor.output)")
    #expect(doctor.says("ok", "node", "2 nodes online"), "\(doctor.output)")
    #expect(doctor.says("warning", "addresses", "node cannot be reached", "on pve3"), "\(doctor.output)")
    #expect(doctor.says("pvecm status"))
  }

  @Test func reportsAGuestAgentThatIsSilent() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "agent", "vmid": 901, "hangs": true])
    let doctor = try await Doctor.run(.patient([pve.entry()]))
    try await pve.control(["op": "agent", "vmid": 901, "hangs": false])
    #expect(isWell(doctor), "a warning is no failure: \(doctor.output)")
    #expect(doctor.says("warning", "does not answer", "901 vm-901 on pve2"), "\(doctor.output)")
    #expect(doctor.says("apt-get install -y qemu-guest-agent"), "\(doctor.output)")
  }

  @Test func findsOneClusterUnderTwoNames() async throws {
    let pve = try SharedCluster.required()
    let entries = [(0, "first"), (1, "second")].map { pve.entry(named: $1, endpoints: [pve.manifest.endpoints[$0]]) }
    let doctor = try await Doctor.run(.patient(entries))
    #expect(doctor.status == .code(1))
    #expect(doctor.says("problem", "entry", "'first'"), "\(doctor.output)")
  }
}
