import HTTPTransport
import LinuxSystem
import Logging
import NIOCore
import Synchronization

/// The CAs that upstreams are verified with, read from disk when they are first needed, and kept in memory.
///
/// Safe from any event loop. Reads have their own threads, so that a file that hangs (on a network share whose server
/// is gone) delays only the connections that need it and have no CAs from it yet.
final class AuthorityCache: Sendable {
  fileprivate struct Entry {
    var authorities: CertificateAuthorities?
    /// The fingerprint of the file when it was last read, successfully or not.
    var fingerprint: String?
    var isBeingRead = false
    /// The channels that wait for the first read.
    var waiting: [ObjectIdentifier: EventLoopPromise<CertificateAuthorities>] = [:]
  }

  fileprivate struct State {
    var entries: [AuthoritySource: Entry] = [:]
    /// The files to check, the next one last.
    var unchecked: [AuthoritySource] = []
  }

  /// A read to be done.
  fileprivate struct Job {
    var source: AuthoritySource
    /// The fingerprint of what is known.
    var fingerprint: String?
  }

  struct Reading: Sendable {
    var fingerprint: String
    /// Nil if there are none in the file.
    var authorities: CertificateAuthorities?
  }

  private let state = Mutex(State())
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

  /// The CAs from memory, or from disk if they are not read yet. Fails with ``AuthoritySource/unreadable``, also when
  /// the channel closes before; the next call tries again.
  func authorities(from source: AuthoritySource, for channel: any Channel) -> EventLoopFuture<CertificateAuthorities> {
    let promise = channel.eventLoop.makePromise(of: CertificateAuthorities.self)
    let id = ObjectIdentifier(channel)
    let (known, job) = state.withLock { state -> (CertificateAuthorities?, Job?) in
      if let known = state.entries[source]?.authorities { return (known, nil) }
      state.entries[source, default: Entry()].waiting[id] = promise
      return (nil, state.startReading(source))
    }
    if let known {
      promise.succeed(known)
      return promise.futureResult
    }
    channel.closeFuture.whenComplete { [self] _ in withdraw(id, from: source) }
    if let job {
      do {
        try EventThread.run("ca-files") { [self] in perform(job) }
      } catch {
        record(nil, of: source)
      }
    }
    return promise.futureResult
  }

  private func withdraw(_ id: ObjectIdentifier, from source: AuthoritySource) {
    let promise = state.withLock { $0.entries[source]?.waiting.removeValue(forKey: id) }
    promise?.fail(source.unreadable)
  }

  /// Channels that wait for a file.
  var waitingCount: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.waiting.count } } }

  /// Reads these files again if they have changed, and forgets all others. Returns at once.
  ///
  /// They are checked one after another. If one of them hangs, the next call has a new thread check the rest.
  func refresh(_ files: Set<String>) {
    let sources = Set(files.map(AuthoritySource.file))
    state.withLock { state in
      state.entries = state.entries.filter { $0.key == .system || $0.value.isBeingRead || sources.contains($0.key) }
      let late = state.unchecked.filter(sources.contains)
      state.unchecked = sources.subtracting(late) + late
    }
    guard !sources.isEmpty else { return }
    // If there is no thread, the next call tries again.
    try? EventThread.run("ca-files") { [self] in
      while let job = state.withLock({ $0.startNextCheck() }) { perform(job) }
    }
  }

  private func perform(_ job: Job) { record(read(job.source, job.fingerprint), of: job.source) }

  /// - Parameter reading: nil if nothing has changed or could be read.
  private func record(_ reading: Reading?, of source: AuthoritySource) {
    let (previous, entry) = state.withLock { state in
      let previous = state.entries[source] ?? Entry()
      var entry = Entry(authorities: previous.authorities, fingerprint: previous.fingerprint)
      if let reading {
        entry.authorities = reading.authorities ?? entry.authorities
        entry.fingerprint = reading.fingerprint
      }
      state.entries[source] = entry.authorities == nil ? nil : entry
      return (previous, entry)
    }
    if let reading, reading.authorities == nil, entry.authorities != nil, case .file(let path) = source {
      logger.error("changed CA file cannot be read: the previous CAs stay", metadata: ["ca_file": "\(path)"])
    }
    for promise in previous.waiting.values {
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

extension AuthorityCache.State {
  /// Nil if a read of the source is in progress: of a file that hangs there is only one.
  fileprivate mutating func startReading(_ source: AuthoritySource) -> AuthorityCache.Job? {
    var entry = entries[source] ?? AuthorityCache.Entry()
    guard !entry.isBeingRead else { return nil }
    entry.isBeingRead = true
    entries[source] = entry
    return AuthorityCache.Job(source: source, fingerprint: entry.fingerprint)
  }

  fileprivate mutating func startNextCheck() -> AuthorityCache.Job? {
    while let source = unchecked.popLast() {
      if let job = startReading(source) { return job }
    }
    return nil
  }
}
