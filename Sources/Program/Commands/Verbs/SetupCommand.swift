import AgentConfiguration
import ArgumentParser
import FoundationEssentials
import HTTPTransport
import PeerTrust

/// `pvescout setup`: from a PVE host and a login to the files of an agent.
struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Connects this machine to a cluster: user, token, rights, the agent's files, first routes.",
    discussion: """
      Asks for a host and a login, shows what it would do, and does it. Nothing is sent before you have confirmed the
      host's certificate. The login is used once and not kept: the agent gets a user and a token of its own, which can
      only read. Files that exist are left as they are. If a step fails, what was created is taken back.

      Run it on the machine where the agent shall run, as root:
        pvescout setup
        pvescout setup 10.0.0.11 --dry-run
        pvescout setup 10.0.0.11 --yes --fingerprint AA:BB:… --username root@pam --password-file /root/pve-password
      """)

  @Argument(help: "A PVE host, such as 10.0.0.11; the port is 8006 unless given.")
  var host: String?

  @Flag(help: "Ask nothing; needs --fingerprint or --ca-file. Routes that are found are accepted.")
  var yes = false

  @Flag(help: "Show all calls and files, and change nothing.")
  var dryRun = false

  @Option(help: "The SHA-256 of the host's certificate, as the PVE GUI or openssl shows it.")
  var fingerprint: String?

  @Option(help: "The CA of the host's certificate: a copy of /etc/pve/pve-root-ca.pem.", completion: .file())
  var caFile: String?

  @Option(help: "The login, such as root@pam.")
  var username: String?

  @Option(help: "A file with the password in its first line; '-' for standard input.", completion: .file())
  var passwordFile: String?

  @Flag(help: "Give a token that exists a new secret; programs with the old one lose access.")
  var replaceToken = false

  @Option(help: "The name of this machine's token; agent-HOSTNAME by default.")
  var tokenName: String?

  @Option(help: "The folder of the agent's files.", completion: .directory)
  var directory = "/etc/pvescout"

  func validate() throws { _ = try options() }

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let session = SetupSession(options: try options(), http: HTTPClient())
    defer { session.http.shutdown() }
    let isWell: Bool
    do throws(SetupFailure) {
      isWell = try await session.run()
    } catch {
      Terminal.say("\(error)")
      throw ExitCode.failure
    }
    if !isWell { throw ExitCode.failure }
  }

  private func options() throws -> SetupOptions {
    var options = SetupOptions()
    options.host = try endpoint()
    options.trust = try trust()
    if yes, options.trust == nil {
      throw ValidationError("--yes needs --fingerprint or --ca-file, because it does not ask about the certificate")
    }
    if let username {
      guard !username.contains("!") else {
        throw ValidationError("--username takes a user such as root@pam, found a token: tokens cannot create tokens")
      }
      options.username = username.contains("@") ? username : username + "@pam"
    }
    if let tokenName {
      if let problem = MachineName.problem(withToken: tokenName) { throw ValidationError("--token-name: \(problem)") }
      options.tokenName = tokenName
    }
    (options.asksNothing, options.isDryRun, options.replacesToken) = (yes, dryRun, replaceToken)
    options.passwordFile = passwordFile
    options.directory = Self.absolute(directory)
    options.environment = ProcessInfo.processInfo.environment
    return options
  }

  private func endpoint() throws -> Endpoint? {
    do { return try host.map { try Endpoint(host: $0) } } catch let error as Endpoint.Invalid {
      throw ValidationError("HOST \(error.reason)")
    }
  }

  private func trust() throws -> TrustPolicy? {
    if fingerprint != nil, caFile != nil { throw ValidationError("keep one of --fingerprint and --ca-file") }
    if let fingerprint {
      guard let pin = CertificateFingerprint(fingerprint) else {
        throw ValidationError(
          "--fingerprint must be a certificate's SHA-256, 64 hex digits, found \(fingerprint.count { $0.isHexDigit }): "
            + "the PVE GUI shows it under Node > System > Certificates")
      }
      return .fingerprints([pin])
    }
    guard let caFile else { return nil }
    let path = Self.absolute(caFile)
    guard !PEMCertificates.text(inFile: path).isEmpty else {
      throw ValidationError("--ca-file: wanted a PEM certificate in \(path), found none: copy /etc/pve/pve-root-ca.pem")
    }
    return .caFile(path)
  }

  private static func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    return whole.count > 1 && whole.hasSuffix("/") ? String(whole.dropLast()) : whole
  }
}
