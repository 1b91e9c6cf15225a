import AgentConfiguration
import Diagnosis
import Glibc
import ProxmoxAPI
import ProxmoxDiscovery
import RouteModel

// What changes something, here and on PVE.
extension SetupSession {
  /// All or nothing: what was created before a failure is taken back.
  func apply(
    _ login: SetupLogin, _ target: SetupTarget, _ draft: ConfigurationDraft, _ routes: RouteDraft?,
    _ installed: InstalledFiles
  ) async throws(SetupFailure) {
    // An interrupt would leave half of it. Each step has a time limit, and its only question, for a secret, can be
    // interrupted.
    let interrupts = [SIGINT, SIGTERM, SIGHUP]
    for number in interrupts { signal(number, SIG_IGN) }
    defer { for number in interrupts { signal(number, SIG_DFL) } }
    var runner = SetupRunner(client: login.client)
    let files = SetupFiles(group: ServiceStart(configuration: installed.configurationPath).group)
    do throws(SetupFailure) {
      try files.prepare(target, installed, trust: login.trust)
      let secret = try await secret(&runner, target)
      let agent = client(login.endpoint.url, .token(id: target.plan.access.tokenID, secret: secret), login.trust)
      try await verify(agent, target, mayLack: runner.created.isEmpty)
      if target.keptSecret == nil {
        try files.commit(secret + "\n", to: target.secretPath, replacing: options.replacesToken)
      }
      try files.commitRest(draft, routes, installed, trust: login.trust)
      report(runner, files)
      if let routes { propose(draft, routes, installed) }
    } catch {
      await rollBack(&runner, files, target)
      throw error
    }
  }

  /// The secret of the agent's token: kept, created, or entered by a person if the login may not create it.
  private func secret(_ runner: inout SetupRunner, _ target: SetupTarget) async throws(SetupFailure) -> String {
    do throws(SetupRunner.Failure) {
      try await runner.run(target.plan.steps)
      return runner.secret ?? target.keptSecret ?? ""
    } catch {
      guard error.lacksRights, target.keptSecret == nil, runner.endedToken == nil else {
        throw SetupFailure("\(error)")
      }
      say("\(error).")
    }
    await undoSteps(&runner)
    say("On any node of the cluster, as root, run:")
    for line in target.plan.access.commands { say("  \(line)") }
    let secret = try await prompt.secret("The secret that the second line prints", option: "it on a line")
    guard secret.utf8.count <= 256, secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !secret.contains("=") else {
      throw SetupFailure("wanted the token's secret alone, found spaces or other characters")
    }
    return secret
  }

  /// Compares what the token may do with what the agent needs.
  ///
  /// - Parameter mayLack: whether a person gave it its rights, and may have left some out.
  private func verify(_ agent: ProxmoxClient, _ target: SetupTarget, mayLack: Bool) async throws(SetupFailure) {
    let missing: [String]
    do throws(ProxmoxError) { missing = try await target.plan.access.missing(of: agent) } catch {
      throw SetupFailure("the new token does not work: \(error)")
    }
    guard !missing.isEmpty else { return }
    let text = "the token \(target.plan.access.tokenID) lacks \(missing.joined(separator: ", "))"
    guard mayLack else {
      throw SetupFailure(
        "\(text), although they were granted: look for NoAccess in the ACL, and at the privileges of its role")
    }
    say("Warning: \(text); pvescout doctor has the lines.")
  }

  /// The first routes of a cluster, and whether a person wants them. Asked before anything is changed.
  func routes(
    _ login: SetupLogin, _ target: SetupTarget, _ installed: InstalledFiles
  ) async throws(SetupFailure) -> RouteDraft {
    var routes = await survey(login, target)
    guard installed.routesText == nil, installed.configurationText == nil else { return routes }
    say("Routes to the web interfaces of the nodes: \(routes.nodes.joined(separator: ", "))")
    let services = routes.services.map(\.alias.text).joined(separator: ", ")
    say("Routes to guests that answer on the usual port of their name: \(services.isEmpty ? "none" : services)")
    routes.isAccepted = try await prompt.confirm("Write these routes?", standard: true, withYes: true)
    return routes
  }

  private func survey(_ login: SetupLogin, _ target: SetupTarget) async -> RouteDraft {
    let survey = ServiceSurvey(client: login.client, http: http, allowsLoopback: target.findings.isLab)
    return RouteDraft(
      nodes: target.findings.nodes, port: String(login.endpoint.port), services: (try? await survey.run()) ?? [],
      isAccepted: options.asksNothing)
  }

  private func report(_ runner: SetupRunner, _ files: SetupFiles) {
    for step in runner.created { say("Created \(step.result).") }
    if let token = runner.endedToken { say("The old secret of \(token) works no longer.") }
    for step in runner.kept { say("Kept \(step.result).") }
    for file in files.written { say("Wrote \(file).") }
  }

  /// Files that exist are left as they are: shows what to add.
  private func propose(_ draft: ConfigurationDraft, _ routes: RouteDraft, _ installed: InstalledFiles) {
    var additions: [Addition] = []
    if let text = installed.configurationText {
      additions.append(Addition(of: draft.entry, toConfiguration: text, at: installed.configurationPath))
    }
    if installed.configurationText != nil || installed.routesText != nil {
      let text = installed.routesText ?? ""
      let known = text.split(separator: "\n").map { $0.drop { "# ".contains($0) }.prefix { $0 != ":" } }
      let lines = routes.lines.filter { line in !known.contains(line.prefix { $0 != ":" }) }
      if !lines.isEmpty { additions.append(Addition(of: lines, toRoutes: text, at: installed.routesPath)) }
    }
    for addition in additions {
      say("\(addition.path) is left as it is. What it lacks, as a patch:\n\(addition.diff)")
    }
  }

  private func rollBack(_ runner: inout SetupRunner, _ files: SetupFiles, _ target: SetupTarget) async {
    if let token = runner.endedToken { keep(token, runner.secret, files, target) }
    let hasEnded = runner.endedToken != nil
    for path in files.rollBack(keeping: hasEnded ? target.secretPath : nil) { say("Removed \(path).") }
    if !hasEnded { await undoSteps(&runner) }
  }

  /// After the end of an old secret, there is only a way forward: the new one is kept, and with it what was granted.
  private func keep(_ token: String, _ secret: String?, _ files: SetupFiles, _ target: SetupTarget) {
    say("The old secret of \(token) works no longer, so nothing is taken back.")
    guard let secret else { return say("The token is gone: run setup again with --replace-token.") }
    do throws(SetupFailure) {
      try files.commit(secret + "\n", to: target.secretPath, replacing: true)
      say("Its new secret is in \(target.secretPath): run setup again, without --replace-token and --yes.")
    } catch {
      say("Its new secret could not be written (\(error)): run setup again with --replace-token.")
    }
  }

  private func undoSteps(_ runner: inout SetupRunner) async {
    let created = runner.created
    let left = await runner.undo()
    for step in created.reversed() {
      let failure = left.first { $0.step == step }
      say(failure.map { "Could not take back \(step.result): \($0.error)" } ?? "Took back \(step.result).")
    }
  }

  /// `--dry-run`
  func show(
    _ login: SetupLogin, _ target: SetupTarget, _ draft: ConfigurationDraft, _ installed: InstalledFiles
  ) async {
    say("Calls to \(login.endpoint.url) (PVE \(target.findings.version)):")
    for step in target.plan.steps { say("  \(step.call)") }
    if target.plan.steps.isEmpty { say("  none") }
    let routes = await survey(login, target)
    if target.keptSecret == nil { say("File \(target.secretPath): the token's secret") }
    guard target.isNew else { return say("This was a dry run: nothing was changed.") }
    if installed.configurationText == nil { say("File \(installed.configurationPath):\n\(draft.text)") }
    if installed.configurationText == nil, installed.routesText == nil {
      say("File \(installed.routesPath):\n\(routes.text)")
    }
    propose(draft, routes, installed)
    say("This was a dry run: nothing was changed.")
  }
}
