import AgentConfiguration
import Diagnosis
import PeerTrust
import ProxmoxAPI
import ProxmoxDiscovery

/// A host that was logged in to. The ticket goes with the client, at the end of the run.
struct SetupLogin: Sendable {
  var endpoint: Endpoint
  var trust: TrustPolicy
  var client: ProxmoxClient
}

/// Where the agent's access belongs.
struct SetupTarget: Sendable {
  var findings: ClusterFindings
  /// The label of the cluster's entry.
  var cluster: String
  /// Whether pvescout.yml has no such entry.
  var isNew: Bool
  var plan: SetupPlan
  var secretPath: String
  /// The secret of a token that works.
  var keptSecret: String?
}

// The questions, and what the cluster says before anything is changed.
extension SetupSession {
  func logIn(_ known: ClusterConfiguration?) async throws(SetupFailure) -> SetupLogin {
    let endpoint = try await endpoint(known)
    let host = HostTrust(endpoint: endpoint, http: http, prompt: prompt)
    let given = options.trust ?? known?.trust
    // An agent may read without a check; a login is not sent without one.
    let trust: TrustPolicy =
      if let given, given != .insecure { try await host.verify(given) } else { try await host.ask() }
    var username = options.username
    if username == nil { username = try await prompt.ask("Login", standard: "root@pam", option: "--username") }
    let user = username.map { $0.contains("@") ? $0 : $0 + "@pam" } ?? "root@pam"
    let password = try await password(of: user)
    let client = client(endpoint.url, .password(username: user, password: password), trust) {
      () async throws(ProxmoxError) in
      let answer: String
      do throws(SetupFailure) {
        answer = try await prompt.secret("Second factor of \(user) (TOTP code or recovery key)", option: "it on a line")
      } catch {
        throw .unauthorized("\(user) has a second factor: \(error)")
      }
      guard let code = OneTimeCode(answer) else { throw .unauthorized("that is no TOTP code and no recovery key") }
      return code
    }
    return SetupLogin(endpoint: endpoint, trust: trust, client: client)
  }

  private func endpoint(_ known: ClusterConfiguration?) async throws(SetupFailure) -> Endpoint {
    if let host = options.host { return host }
    if let first = known?.endpoints.first, let endpoint = try? Endpoint(first) { return endpoint }
    let answer = try await prompt.ask("Proxmox VE host (name or address)", option: "HOST")
    do throws(Endpoint.Invalid) { return try Endpoint(host: answer) } catch {
      throw SetupFailure("the host \(error.reason)")
    }
  }

  private func password(of user: String) async throws(SetupFailure) -> String {
    switch options.passwordFile {
    case "-": return try await SetupPrompt(asksNothing: false).secret("Password of \(user)", option: "a password")
    case let path?:
      guard let password = InstalledFiles.secret(inFile: path) else {
        throw SetupFailure("--password-file: wanted the password in the first line of \(path), found none")
      }
      return password
    case nil:
      if options.asksNothing { throw SetupFailure("--yes asks nothing, and --password-file is missing") }
      return try await prompt.secret("Password of \(user)", option: "--password-file")
    }
  }

  /// Logs in, and reads what the plan depends on.
  func target(
    _ login: SetupLogin, _ known: ClusterConfiguration?, _ installed: InstalledFiles
  ) async throws(SetupFailure) -> SetupTarget {
    let findings: ClusterFindings
    do throws(ProxmoxError) {
      findings = try await ClusterFindings.read(login.client, at: login.endpoint, trust: login.trust, http: http)
    } catch {
      throw SetupFailure("\(login.endpoint.url): \(error)")
    }
    var known = known
    if known == nil { known = try await entry(of: findings, login, installed) }
    let cluster = known?.name ?? freeLabel(findings.label, installed)
    let access = try access(known, version: findings.majorVersion)
    let path = known.flatMap(installed.secretFile) ?? installed.path("\(cluster).secret")
    var target = SetupTarget(
      findings: findings, cluster: cluster, isNew: known == nil,
      plan: SetupPlan(access: access, replacesToken: options.replacesToken, acl: findings.acl), secretPath: path)
    if let known, installed.secretFile(of: known) == nil {
      throw SetupFailure(
        "the secret of \(cluster) is in \(installed.configurationPath), which setup does not change: "
          + "move it to a file (token_secret_file)")
    }
    guard !options.replacesToken, let secret = InstalledFiles.secret(inFile: path) else { return target }
    guard try await works(access.tokenID, secret, login) else {
      throw SetupFailure(
        "\(path) exists, and PVE refuses its secret for \(access.tokenID): --replace-token gives the token a new secret"
      )
    }
    (target.keptSecret, target.plan.keepsToken) = (secret, true)
    return target
  }

  /// The entry of this cluster under another address: one of its nodes', with the certificate of one, or with a token
  /// that it knows and lets in.
  private func entry(
    of findings: ClusterFindings, _ login: SetupLogin, _ installed: InstalledFiles
  ) async throws(SetupFailure) -> ClusterConfiguration? {
    for cluster in installed.configuration?.clusters ?? [] {
      if try await isEntry(cluster, of: findings, login) {
        say("\(login.endpoint.url) is \(cluster.name) in \(installed.configurationPath).")
        return cluster
      }
    }
    return nil
  }

  private func isEntry(
    _ cluster: ClusterConfiguration, of findings: ClusterFindings, _ login: SetupLogin
  ) async throws(SetupFailure) -> Bool {
    if cluster.endpoints.contains(where: findings.endpoints.contains) { return true }
    if case .fingerprints(let pins) = cluster.trust,
      findings.pins.contains(where: { pins.contains($0.fingerprint) })
    {
      return true
    }
    // The secret is sent only where a token of that name is.
    guard case .token(let id, let secret) = cluster.credentials, !secret.isEmpty,
      findings.acl.contains(where: { $0.holder == .token && $0.name == id })
    else { return false }
    return try await works(id, secret, login)
  }

  /// Two clusters of one name need two labels, and two secrets.
  private func freeLabel(_ label: String, _ installed: InstalledFiles) -> String {
    let taken = Set(installed.configuration?.clusters.map(\.name) ?? [])
    let secrets = Set(installed.configuration?.readPaths ?? [])
    let isFree = { !taken.contains($0) && !secrets.contains(installed.path("\($0).secret")) }
    if isFree(label) { return label }
    return (2...).lazy.map { "\(label)-\($0)" }.first(where: isFree) ?? label
  }

  private func access(_ known: ClusterConfiguration?, version: Int) throws(SetupFailure) -> AgentAccess {
    guard let known else {
      return AgentAccess(user: "pvescout@pve", tokenName: options.tokenName, version: version)
    }
    guard case .token(let id, _) = known.credentials, let mark = id.lastIndex(of: "!") else {
      throw SetupFailure("\(known.name) logs in with a password, which setup does not change: see pvescout doctor")
    }
    return AgentAccess(
      user: String(id[..<mark]), tokenName: String(id[id.index(after: mark)...]), version: version)
  }

  private func works(_ tokenID: String, _ secret: String, _ login: SetupLogin) async throws(SetupFailure) -> Bool {
    do throws(ProxmoxError) {
      _ = try await client(login.endpoint.url, .token(id: tokenID, secret: secret), login.trust).version()
      return true
    } catch {
      if error.isUnauthorized { return false }
      throw SetupFailure("\(login.endpoint.url): \(error)")
    }
  }
}
