import FoundationEssentials
import Glibc
import LinuxSystem
import PeerTrust

/// The files that a run writes: all are made, with owner and mode, before PVE is changed, and removed if a step fails.
final class SetupFiles {
  private let group: (name: String, id: UInt32)?
  private var drafts: [String: NewFile] = [:]
  /// The paths that this run made, and a folder that it made for them.
  private var made: [String] = []
  /// Those of them that took the place of a file; they stay.
  private var replaced: Set<String> = []
  private var folder: String?
  private var secretPath: String?

  /// - Parameter group: may read the files; nil if only this user may.
  init(group: (name: String, id: UInt32)?) { self.group = group }

  /// The files that were written, with their modes.
  var written: [String] {
    made.map { path in
      "\(path) (\(mode(of: path) == 0o644 ? "0644" : group.map { "0640, group \($0.name)" } ?? "0600"))"
    }
  }

  func prepare(_ target: SetupTarget, _ installed: InstalledFiles, trust: TrustPolicy) throws(SetupFailure) {
    secretPath = target.secretPath
    if mkdir(installed.directory, 0o755) == 0 {
      // Whatever the umask: the agent has to get in.
      _ = chmod(installed.directory, 0o755)
      folder = installed.directory
    } else if errno != EEXIST {
      throw Self.failure(SystemError("mkdir \(installed.directory)"))
    }
    if target.keptSecret == nil { try prepare(target.secretPath) }
    if case .caFile(let source) = trust, target.isNew {
      try prepare(installed.path("\(target.cluster).ca.pem"), ofCertificatesIn: source)
    }
    guard installed.configurationText == nil else { return }
    try prepare(installed.configurationPath)
    try prepareIfMissing(installed.routesPath)
  }

  private func prepare(_ path: String, ofCertificatesIn source: String) throws(SetupFailure) {
    guard access(path, F_OK) == 0 else { return try prepare(path) }
    guard PEMCertificates.text(inFile: path) == PEMCertificates.text(inFile: source) else {
      throw SetupFailure(
        "\(path) exists with other certificates than \(source), and setup overwrites no file: move it away and run this "
          + "again")
    }
  }

  private func prepareIfMissing(_ path: String) throws(SetupFailure) {
    if access(path, F_OK) != 0 { try prepare(path) }
  }

  private func prepare(_ path: String) throws(SetupFailure) {
    do throws(SystemError) { drafts[path] = try NewFile(path, mode: mode(of: path), group: group?.id) } catch {
      throw Self.failure(error)
    }
  }

  /// Only the secret has to be hidden: without a secret, pvescout.yml names the socket to every user.
  private func mode(of path: String) -> mode_t { path != secretPath ? 0o644 : group == nil ? 0o600 : 0o640 }

  /// Writes a file that was prepared; does nothing for any other.
  func commit(_ text: String, to path: String, replacing: Bool = false) throws(SetupFailure) {
    guard let draft = drafts.removeValue(forKey: path) else { return }
    if replacing, access(path, F_OK) == 0 { replaced.insert(path) }
    do throws(SystemError) { try draft.commit(text, replacing: replacing) } catch { throw Self.failure(error) }
    made.append(path)
  }

  /// pvescout.yml comes last: with it, the set-up is complete.
  func commitRest(
    _ draft: ConfigurationDraft, _ routes: RouteDraft?, _ installed: InstalledFiles, trust: TrustPolicy
  ) throws(SetupFailure) {
    if case .caFile(let path) = trust {
      try commit(PEMCertificates.text(inFile: path), to: installed.path("\(draft.cluster).ca.pem"))
    }
    if let routes { try commit(routes.text, to: installed.routesPath) }
    try commit(draft.text, to: installed.configurationPath)
  }

  /// Removes what was made, except for files that took the place of others; returns the paths.
  ///
  /// - Parameter kept: stays, too.
  func rollBack(keeping kept: String?) -> [String] {
    drafts = [:]
    let removed = made.filter { !replaced.contains($0) && $0 != kept && unlink($0) == 0 }
    if let folder { rmdir(folder) }
    made = []
    return removed
  }

  private static func failure(_ error: SystemError) -> SetupFailure {
    let isForbidden = [EACCES, EPERM, EROFS].contains(error.code)
    return SetupFailure(
      "\(error): \(isForbidden ? "run setup as root" : "see what is at that path"), or name a folder with --directory")
  }
}
