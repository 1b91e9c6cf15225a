import AgentConfiguration
import Diagnosis
import Glibc
import HTTPTransport
import PeerTrust
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
    if let known, !options.replacesToken {
      switch try await connection(of: known) {
      case .works:
        say(
          "Nothing changed: \(known.name) is set up in \(installed.configurationPath), and its \(known.credentials) works."
        )
        return await diagnose(installed)
      case .lacksRights where options.asksNothing:
        say("Nothing changed: \(Self.withheld)")
        return await diagnose(installed)
      case .lacksRights, .isRefused: break
      }
    }
    let login = try await logIn(known)
    let target = try await target(login, known, installed)
    if let entry = target.plan.narrowGrant {
      throw SetupFailure(
        "\(entry.name) has \(entry.role) on \(entry.path) alone and not below it, which setup does not change: "
          + "on a node, run: pveum acl modify \(entry.path) --\(entry.holder.rawValue)s '\(entry.name)' "
          + "--roles \(entry.role) --propagate 1")
    }
    let draft = try await draft(login, target)
    if options.isDryRun {
      await show(login, target, draft, installed)
      return true
    }
    try await confirm(target, login)
    let routes = target.isNew ? try await routes(login, target, installed) : nil
    try await apply(login, target, draft, routes, installed)
    // The entry is not in the file yet.
    if target.isNew, installed.configurationText != nil { return true }
    return await diagnose(installed)
  }

  private enum Connection { case works, lacksRights, isRefused }

  private static let withheld =
    "rights may be withheld on purpose, so --yes grants none to a token that works: run setup without --yes to grant them"

  /// Whether the login of an entry works and has all rights. Says what is wrong otherwise.
  private func connection(of cluster: ClusterConfiguration) async throws(SetupFailure) -> Connection {
    if case .token(_, "") = cluster.credentials {
      say("\(cluster.name): the file with the secret of its token is missing.")
      return .isRefused
    }
    var failures: [String] = []
    for endpoint in cluster.endpoints {
      do throws(ProxmoxError) {
        let client = client(endpoint, cluster.credentials, cluster.trust)
        let version = try await client.version().major ?? 9
        let missing = try await AgentAccess(user: "", tokenName: "", version: version).missing(of: client)
        if missing.isEmpty { return .works }
        say("\(cluster.name): the \(cluster.credentials) lacks \(missing.joined(separator: ", ")).")
        return .lacksRights
      } catch {
        failures.append("\(endpoint): \(error)")
        guard error.isUnauthorized else { continue }
        say("\(cluster.name): \(error).")
        return .isRefused
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
    _ login: SetupLogin, _ target: SetupTarget
  ) async throws(SetupFailure) -> ConfigurationDraft {
    let trust: ConfigurationDraft.Trust =
      switch login.trust {
      case .fingerprints: .fingerprints(target.findings.pins)
      case .caFile: .caFile("\(target.cluster).ca.pem")
      case .systemRoots, .insecure: .systemRoots
      }
    var draft = ConfigurationDraft(
      cluster: target.cluster, endpoints: target.findings.endpoints, tokenID: target.plan.access.tokenID,
      secretFile: "\(target.cluster).secret", trust: trust, loopbackGuests: target.findings.isLab)
    guard target.isNew else { return draft }
    draft.control = try await prompt.confirm(
      "May routes that say so start and stop their guests (control)? It needs more rights, guest by guest",
      withYes: false)
    let serves = try await prompt.confirm(
      "Shall the agent serve the routes on port 80 of this machine, to everybody that reaches it (proxy)?",
      withYes: false)
    draft.proxy = serves ? "0.0.0.0:80" : nil
    return draft
  }

  private func confirm(_ target: SetupTarget, _ login: SetupLogin) async throws(SetupFailure) {
    let plan = target.plan
    guard !plan.steps.isEmpty else { return }
    say("On \(login.endpoint.url), this creates what is missing of:")
    for step in plan.steps { say("  \(step.result)") }
    if plan.access.version < 9 {
      say("VM.Monitor, which PVE 8 wants for the addresses of VMs, also lets its holder run commands in VMs.")
    }
    guard try await prompt.confirm("Go on?", standard: true, withYes: target.isNew || !plan.keepsToken) else {
      throw SetupFailure("nothing was changed" + (options.asksNothing ? ": \(Self.withheld)" : ""))
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
    return options.isDryRun ? true : await startAgent(installed)
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

/// Why `setup` ends without success: what was wanted, what was found, what to do. Holds no secret.
struct SetupFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
