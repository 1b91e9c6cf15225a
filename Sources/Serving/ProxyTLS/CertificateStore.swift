import FoundationEssentials
import LinuxSystem
package import Logging
package import NIOSSL
import Synchronization

/// The certificates that are served, by the name that a client asks for.
///
/// Safe from any event loop. A watcher of ``fingerprint()`` calls ``refresh()`` when it changes.
package final class CertificateStore: Sendable {
  private struct Entry {
    var certificate: ServerCertificate
    /// The fingerprint of its files when they were last read, successfully or not.
    var fingerprint: [String]
  }

  private struct State {
    var entries: [Entry]
    var index: CertificateIndex

    init(_ entries: [Entry]) {
      self.entries = entries
      index = CertificateIndex(entries.map(\.certificate))
    }
  }

  private let state: Mutex<State>
  private let logger: Logger

  /// Reads all files; the first certificate serves clients that ask for no name, or for one without a certificate.
  package init(_ files: [CertificateFiles], logger: Logger) throws(InvalidCertificate) {
    state = Mutex(State(try Self.load(files)))
    self.logger = logger
  }

  /// The context for a client of the reverse proxy that asked for that name (SNI); nil only if there is no certificate
  /// at all.
  package func context(forServername name: String?) -> NIOSSLContext? {
    state.withLock { $0.index.contexts(forServername: name)?.http }
  }

  /// As above for a client of a stream. No protocol is offered, because its upstream may use any.
  package func streamContext(forServername name: String?) -> NIOSSLContext? {
    state.withLock { $0.index.contexts(forServername: name)?.stream }
  }

  /// Replaces the certificates. If one of them is invalid, nothing changes.
  package func replace(with files: [CertificateFiles]) throws(InvalidCertificate) {
    let new = State(try Self.load(files))
    state.withLock { $0 = new }
  }

  /// Changes whenever one of the files is edited or replaced; blocks on the disk.
  package func fingerprint() -> [String] {
    state.withLock { $0.entries.map(\.certificate.files) }.flatMap(Self.fingerprint)
  }

  /// Reads changed files again. An invalid pair is logged once, and the previous one remains in use.
  package func refresh() {
    let entries = state.withLock { $0.entries }
    let fresh = entries.map(refreshed)
    state.withLock { state in
      // A reload happened meanwhile: its certificates are as recent.
      guard state.entries.map(\.certificate.files) == entries.map(\.certificate.files) else { return }
      state = State(fresh)
    }
  }

  private func refreshed(_ entry: Entry) -> Entry {
    let files = entry.certificate.files
    let fingerprint = Self.fingerprint(files)
    guard fingerprint != entry.fingerprint else { return entry }
    do throws(InvalidCertificate) {
      let certificate = try ServerCertificate(files)
      logRead(certificate)
      return Entry(certificate: certificate, fingerprint: fingerprint)
    } catch {
      logger.error(
        "changed certificate cannot be served: the previous one stays", metadata: ["problem": "\(error)"])
      return Entry(certificate: entry.certificate, fingerprint: fingerprint)
    }
  }

  private func logRead(_ certificate: ServerCertificate) {
    let metadata: Logger.Metadata = [
      "certificate": "\(certificate.files.certificate)", "names": "\(certificate.names.joined(separator: " "))",
    ]
    logger.info("certificate read again", metadata: metadata)
    if certificate.isKeyReadableByAll {
      logger.warning(
        "every user can read the key: chmod 640 it, and chgrp it to the agent's group",
        metadata: ["key": "\(certificate.files.key)"])
    }
    if let day = certificate.expired(at: Date()) {
      logger.warning("certificate has expired", metadata: metadata.merging(["expired": "\(day)"]) { $1 })
    }
  }

  private static func load(_ files: [CertificateFiles]) throws(InvalidCertificate) -> [Entry] {
    var entries: [Entry] = []
    for files in files {
      // Before reading them, so that a change meanwhile is detected by the next check.
      let fingerprint = fingerprint(files)
      entries.append(Entry(certificate: try ServerCertificate(files), fingerprint: fingerprint))
    }
    return entries
  }

  private static func fingerprint(_ files: CertificateFiles) -> [String] {
    [FileFingerprint.of(files.certificate), FileFingerprint.of(files.key)]
  }
}
