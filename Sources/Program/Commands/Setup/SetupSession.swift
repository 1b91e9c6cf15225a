import AgentConfiguration
import Diagnosis
import Glibc
import HTTPTransport
import ProxmoxAPI
import ProxmoxDiscovery

/// One run of `setup`, from the questions to the diagnosis at its end.
struct SetupSession: Sendable {
  static let timeout = Duration.seconds(30)

  let options: SetupOptions
  let http: HTTPClient

  var prompt: SetupPrompt { SetupPrompt(asksNothing: options.asksNothing) }

  /// Whether the diagnosis at the end found no problem.
  func run() async throws(SetupFailure) -> Bool {
    let installed = try InstalledFiles(in: options.directory, environment: options.environment)
    let known = installed.cluster(at: options.host)
    if let known, !options.replacesToken, try await isConnected(known) {
      say(
        "Nothing changed: \(known.name) is set up in \(installed.configurationPath), and its \(known.credentials) works."
      )
      return await diagnose(installed)
    }
    let login = try await logIn(known)
    let target = try await target(login, known, installed)
    let draft = try await draft(login, target, known)
    if options.isDryRun {
      await show(login, target, draft, installed)
      return true
    }
    try await confirm(target.plan, login)
    try await apply(login, target, draft, installed)
    // The entry is not in the file yet.
    if known == nil, installed.configurationText != nil { return true }
    return await diagnose(installed)
  }

  /// Whether the login of an entry works and has all rights. Says what is wrong otherwise.
  private func isConnected(_ cluster: ClusterConfiguration) async throws(SetupFailure) -> Bool {
    var failures: [String] = []
    for endpoint in cluster.endpoints {
      do throws(ProxmoxError) {
        let client = client(endpoint, cluster.credentials, cluster.trust)
        let version = try await client.version().major ?? 9
        let missing = try await AgentAccess(user: "", tokenName: "", version: version).missing(of: client)
        if missing.isEmpty { return true }
        say("\(cluster.name): the \(cluster.credentials) lacks \(missing.joined(separator: ", ")).")
        return false
      } catch {
        failures.append("\(endpoint): \(error)")
        guard error.isUnauthorized else { continue }
        say("\(cluster.name): \(error).")
        return false
      }
    }
    throw SetupFailure(failures.joined(separator: "\n"))
  }

  func client(
    _ endpoint: String, _ credentials: ProxmoxCredentials, _ trust: TrustPolicy, secondFactor: SecondFactor? = nil
  ) -> ProxmoxClient {
    ProxmoxClient(
      endpoint: endpoint, credentials: credentials, trust: trust, http: http, timeout: Self.timeout,
      secondFactor: secondFactor)
  }

  /// What the new pvescout.yml has; for an entry that is there, nothing of it is used.
  private func draft(
    _ login: SetupLogin, _ target: SetupTarget, _ known: ClusterConfiguration?
  ) async throws(SetupFailure) -> ConfigurationDraft {
    let trust: ConfigurationDraft.Trust =
      switch login.trust {
      case .fingerprints: .fingerprints(target.findings.pins)
      case .caFile: .caFile("\(target.cluster).ca.pem")
      case .systemRoots, .insecure: .systemRoots
      }
    var draft = ConfigurationDraft(
      cluster: target.cluster, endpoints: target.findings.endpoints, tokenID: target.plan.access.tokenID,
      secretFile: "\(target.cluster).secret", trust: trust, loopbackGuests: login.endpoint.isLoopback)
    guard known == nil else { return draft }
    draft.control = try await prompt.confirm(
      "May routes that say so start and stop their guests (control)? It needs more rights, guest by guest",
      withYes: false)
    let serves = try await prompt.confirm(
      "Shall the agent serve the routes on port 80 of this machine, to everybody that reaches it (proxy)?",
      withYes: false)
    draft.proxy = serves ? "0.0.0.0:80" : nil
    return draft
  }

  private func confirm(_ plan: SetupPlan, _ login: SetupLogin) async throws(SetupFailure) {
    guard !plan.steps.isEmpty else { return }
    say("On \(login.endpoint.url), this creates what is missing of:")
    for step in plan.steps { say("  \(step.result)") }
    if plan.access.version < 9 {
      say("VM.Monitor, which PVE 8 wants for the addresses of VMs, also lets its holder run commands in VMs.")
    }
    guard try await prompt.confirm("Go on?", standard: true, withYes: true) else {
      throw SetupFailure("nothing was changed")
    }
  }

  private func diagnose(_ installed: InstalledFiles) async -> Bool {
    let report = await DoctorCommand.diagnose(
      installed.configurationPath, environment: options.environment, guests: 200)
    say("")
    try? Terminal.print(DoctorView.render(report, style: .standardOutput(environment: options.environment)))
    guard report.problems == 0 else {
      say("Mend what is a problem above, then start the agent: \(ServiceStart.command)")
      return false
    }
    return await startAgent(installed)
  }

  private func startAgent(_ installed: InstalledFiles) async -> Bool {
    let service = ServiceStart(configuration: installed.configurationPath)
    if service.isPossible, await service.isActive {
      say("The agent runs. If its files have changed: pvescout reload")
      return true
    }
    var isWanted = service.isPossible
    if isWanted {
      isWanted = (try? await prompt.confirm("Start the agent now?", standard: true, withYes: true)) ?? false
    }
    guard isWanted else {
      let path = installed.configurationPath
      say(
        "Start the agent: \(path == "/etc/pvescout/pvescout.yml" ? ServiceStart.command : "pvescout run --config \(path)")"
      )
      return true
    }
    guard await service.start() else {
      say(
        """
        It did not start: systemctl status pvescout
        226/NAMESPACE or 243/CREDENTIALS there: this container needs nesting; on its node: pct set VMID --features nesting=1
        """)
      return false
    }
    say("The agent runs: pvescout routes")
    return true
  }

  /// Names and texts of other programs cannot control the terminal.
  func say(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayWidth.printable(String($0)) }
    try? Terminal.print(lines.joined(separator: "\n") + "\n")
  }
}

extension Endpoint {
  /// Whether the cluster is on this machine, as a lab is.
  var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" || host == "localhost" }
}
