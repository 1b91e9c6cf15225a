import AgentConfiguration
import PeerTrust

/// The options of `setup`, checked.
struct SetupOptions: Sendable {
  var host: Endpoint?
  var asksNothing = false
  var isDryRun = false
  /// The certificates that the host may have, by `--fingerprint` or `--ca-file`.
  var trust: TrustPolicy?
  /// `user@realm`.
  var username: String?
  /// A path, or `-` for standard input.
  var passwordFile: String?
  var replacesToken = false
  var tokenName = MachineName.token
  /// An absolute path, without a slash at its end.
  var directory = "/etc/pvescout"
  /// For `${NAME}` in the agent's files.
  var environment: [String: String] = [:]
}
