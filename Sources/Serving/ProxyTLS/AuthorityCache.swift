import HTTPTransport
import LinuxSystem
import Logging
import NIOCore
import Synchronization

/// The CAs that upstreams are verified with, read from disk when they are first needed, and kept in memory.
///
/// Safe from any event loop. Each read has its own thread, so that a file that hangs (on a network share whose server is
/// gone) delays only the connections that need it and have no CAs from it yet.
final class AuthorityCache: Sendable {
  private struct Entry {
    var authorities: CertificateAuthorities?
    /// The fingerprint of the file when it was last read, successfully or not.
    var fingerprint: String?
    var isBeingRead = false
    /// The connections that wait for the first read.
    var waiting: [EventLoopPromise<CertificateAuthorities>] = []
  }

  struct Reading: Sendable {
    var fingerprint: String
    /// Nil if there are none in the file.
    var authorities: CertificateAuthorities?
  }

  private let entries = Mutex<[AuthoritySource: Entry]>([:])
  private let read: @Sendable (AuthoritySource, _ fingerprint: String?) -> Reading?
  private let logger: Logger

  /// - Parameter read: reads a source, and returns nil if it still has that fingerprint; tests replace it with one that
  ///   hangs.
  init(
    logger: Logger,
    read: @escaping @Sendable (AuthoritySource, _ fingerprint: String?) -> Reading? = { AuthorityCache.read($0, $1) }
  ) {
    (self.logger, self.read) = (logger, read)
  }

  /// The CAs from memory, or from disk if they are not read yet. Fails with ``AuthoritySource/unreadable``; the next
  /// call tries again.
  func authorities(
    from source: AuthoritySource, on eventLoop: any EventLoop
  ) -> EventLoopFuture<CertificateAuthorities> {
    let promise = eventLoop.makePromise(of: CertificateAuthorities.self)
    let cached = entries.withLock { entries -> CertificateAuthorities? in
      if let cached = entries[source]?.authorities { return cached }
      entries[source, default: Entry()].waiting.append(promise)
      return nil
    }
    if let cached { promise.succeed(cached) } else { startReading(source) }
    return promise.futureResult
  }

  /// Reads these files again if they have changed, and forgets all others. Returns at once.
  func refresh(_ files: Set<String>) {
    let sources = Set(files.map(AuthoritySource.file))
    entries.withLock { entries in
      entries = entries.filter { $0.key == .system || $0.value.isBeingRead || sources.contains($0.key) }
    }
    for source in sources { startReading(source) }
  }

  /// Does nothing if a read of the source is in progress: of a file that hangs there is only one.
  private func startReading(_ source: AuthoritySource) {
    let known = entries.withLock { entries -> Entry? in
      let entry = entries[source] ?? Entry()
      guard !entry.isBeingRead else { return nil }
      entries[source, default: entry].isBeingRead = true
      return entry
    }
    guard let known else { return }
    do {
      try EventThread.run("ca-files") { [self] in record(read(source, known.fingerprint), of: source) }
    } catch {
      record(nil, of: source)
    }
  }

  /// - Parameter reading: nil if nothing has changed or could be read.
  private func record(_ reading: Reading?, of source: AuthoritySource) {
    let (previous, entry) = entries.withLock { entries in
      let previous = entries[source] ?? Entry()
      var entry = Entry(authorities: previous.authorities, fingerprint: previous.fingerprint)
      if let reading {
        entry.authorities = reading.authorities ?? entry.authorities
        entry.fingerprint = reading.fingerprint
      }
      entries[source] = entry.authorities == nil ? nil : entry
      return (previous, entry)
    }
    if let reading, reading.authorities == nil, entry.authorities != nil, case .file(let path) = source {
      logger.error("changed CA file cannot be read: the previous CAs stay", metadata: ["ca_file": "\(path)"])
    }
    for promise in previous.waiting {
      if let authorities = entry.authorities { promise.succeed(authorities) } else { promise.fail(source.unreadable) }
    }
  }

  /// Blocks as long as the disk does.
  static func read(_ source: AuthoritySource, _ fingerprint: String?) -> Reading? {
    switch source {
    case .system: return Reading(fingerprint: "", authorities: CertificateAuthorities())
    case .file(let path):
      // Before reading the file, so that a change meanwhile is detected by the next check.
      let current = FileFingerprint.of(path)
      guard current != fingerprint else { return nil }
      let authorities = (try? PEMFile(path: path)).flatMap { CertificateAuthorities(pem: $0.bytes) }
      return Reading(fingerprint: current, authorities: authorities)
    }
  }
}
