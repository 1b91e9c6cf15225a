import LinuxSystem
import Synchronization

/// Resolves host names, with one lookup at a time for each name, on a bounded number of threads that exist only while
/// there is work. Cached names are answered at once, and literal addresses need no lookup.
package final class NameResolver: Sendable {
  /// The resolver of this process, based on the system's.
  package static let system = NameResolver()

  /// The length of a full name with its trailing dot (RFC 1035 §3.1).
  private static let maxNameLength = 254

  private typealias Waiter = @Sendable (NameAnswer) -> Void

  private let table: Mutex<NameCache<Waiter>>
  private let lastID = Atomic(0)
  private let lookUp: @Sendable (String) -> NameAnswer

  /// - Parameter lookUp: looks up a name and may block; replaced in tests.
  package init(
    maxThreads: Int = 16, maxNames: Int = 4096,
    lookUp: @escaping @Sendable (String) -> NameAnswer = { SystemResolver.lookUp($0) }
  ) {
    table = Mutex(NameCache(maxThreads: maxThreads, maxNames: maxNames))
    self.lookUp = lookUp
  }

  /// A pending request for a lookup.
  package struct Request: Sendable {
    fileprivate let resolver: NameResolver
    fileprivate let name: String
    fileprivate let id: Int

    /// Ends the wait with ``NameFailure/cancelled``, unless it has ended.
    package func cancel() {
      let waiter = resolver.table.withLock { $0.cancel(id, of: name) }
      waiter?(.failure(.cancelled))
    }
  }

  /// Calls `body` once: at once with a cached answer, else on a thread of the resolver, which it must not block.
  @discardableResult
  package func resolve(_ host: String, _ body: @escaping @Sendable (NameAnswer) -> Void) -> Request {
    let request = Request(
      resolver: self, name: host.lowercased(), id: lastID.add(1, ordering: .relaxed).newValue)
    if let answer = query(request.name, (request.id, body)) { body(answer) }
    return request
  }

  /// Returns the addresses of a host; waits at most `timeout`, or until the task is cancelled.
  package func addresses(of host: String, timeout: Duration) async -> NameAnswer {
    if let known = known(host) { return known }
    return await withTaskGroup(of: NameAnswer.self) { group in
      group.addTask { await self.wait(for: host) }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return .failure(.unavailable(reason: "no answer in time"))
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(.cancelled)
    }
  }

  /// The cached answer; nil if there is none, in which case a lookup is started.
  private func known(_ host: String) -> NameAnswer? { query(host.lowercased(), nil) }

  private func query(_ name: String, _ waiting: NameCache<Waiter>.Waiting?) -> NameAnswer? {
    if let answer = Self.answerWithoutLookup(name) { return answer }
    let (answer, next) = table.withLock { table in (table.request(name, waiting, at: .now), table.startNext()) }
    if let next { startThread(next) }
    return answer
  }

  private func wait(for host: String) async -> NameAnswer {
    let request = Mutex<Request?>(nil)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let started = resolve(host) { continuation.resume(returning: $0) }
        request.withLock { $0 = started }
        if Task.isCancelled { started.cancel() }
      }
    } onCancel: {
      request.withLock { $0 }?.cancel()
    }
  }

  private static func answerWithoutLookup(_ name: String) -> NameAnswer? {
    guard !name.isEmpty, !name.utf8.contains(0) else { return .failure(.invalid(reason: "it is no host name")) }
    guard name.utf8.count <= maxNameLength else {
      return .failure(
        .invalid(reason: "a host name has at most 253 characters, this one has \(name.utf8.count)"))
    }
    return SystemResolver.literal(name).map { .success([$0]) }
  }

  // MARK: The threads

  private func startThread(_ name: String) {
    var next: String? = name
    while let name = next {
      do {
        return try EventThread.run("name-lookups") { self.work(beginningWith: name) }
      } catch {
        next = finish(name, with: .failure(.unavailable(reason: "\(error)")))
      }
    }
  }

  private func work(beginningWith first: String) {
    var next: String? = first
    while let name = next { next = finish(name, with: lookUp(name)) }
  }

  /// Returns the next name for the same thread.
  private func finish(_ name: String, with outcome: NameAnswer) -> String? {
    let ((answer, waiting), next) = table.withLock { table in
      (table.finish(name, with: outcome, at: .now), table.startNext())
    }
    for (_, waiter) in waiting { waiter(answer) }
    return next
  }
}

extension NameResolver {
  /// Whether the name does not exist; nil if that was reported only once, or is unknown.
  package func isMissing(_ host: String, timeout: Duration) async -> Bool? {
    switch await addresses(of: host, timeout: timeout) {
    case .success: false
    case .failure(.doesNotExist(let times)): times > 1 ? true : nil
    case .failure: nil
    }
  }
}
