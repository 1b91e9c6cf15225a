import LinuxSystem
import Synchronization

/// The content of the CA files that requests name. libcurl would read them on the transfer thread, and all requests
/// would wait for the disk.
///
/// Each file is read on a thread of its own, by one at a time: a file that hangs (on a network share whose server is
/// gone) delays only the requests that need it.
final class AuthorityFiles: Sendable {
  typealias Content = Result<[UInt8], HTTPTransportError>

  private enum File {
    case beingRead([Int: AsyncStream<Content>.Continuation])
    case read(Content, at: ContinuousClock.Instant)
  }

  /// The most bytes that are read; a CA takes about 2 kB, a system's bundle 200 kB.
  private static let maxSize = 4 << 20
  /// How long the content of a file is used without another look at the disk.
  private static let maxAge = Duration.seconds(2)

  private let files = Mutex<[String: File]>([:])
  private let lastID = Atomic(0)
  private let read: @Sendable (String) -> Content

  /// - Parameter read: reads a file and may block; tests replace it with one that hangs.
  init(read: @escaping @Sendable (String) -> Content = { AuthorityFiles.read($0) }) { self.read = read }

  /// Nil if the limit passes or the task is cancelled.
  func content(of path: String, within limit: Duration) async -> Content? {
    let (contents, waiter) = AsyncStream.makeStream(of: Content.self, bufferingPolicy: .bufferingNewest(1))
    let id = lastID.add(1, ordering: .relaxed).newValue
    let (known, isFirst) = files.withLock { files -> (Content?, Bool) in
      switch files[path] {
      case .read(let content, let time)? where time + Self.maxAge > .now: return (content, false)
      case .beingRead(var waiting)?:
        waiting[id] = waiter
        files[path] = .beingRead(waiting)
        return (nil, false)
      case .read?, nil:
        files[path] = .beingRead([id: waiter])
        return (nil, true)
      }
    }
    if let known { return known }
    defer { withdraw(id, from: path) }
    if isFirst { startReading(path) }
    return await firstValue(of: contents, within: limit)
  }

  private func withdraw(_ id: Int, from path: String) {
    files.withLock { files in
      guard case .beingRead(var waiting)? = files[path] else { return }
      waiting[id] = nil
      files[path] = .beingRead(waiting)
    }
  }

  /// Requests that wait for a file.
  var waitingCount: Int {
    files.withLock { files in
      files.values.reduce(0) { if case .beingRead(let waiting) = $1 { $0 + waiting.count } else { $0 } }
    }
  }

  private func startReading(_ path: String) {
    do {
      try EventThread.run("ca-files") { [self] in record(read(path), of: path) }
    } catch {
      record(.failure(.shortage(reason: "\(error)")), of: path)
    }
  }

  private func record(_ content: Content, of path: String) {
    let waiting = files.withLock { files -> [Int: AsyncStream<Content>.Continuation] in
      // The others are read again before they are used.
      files = files.filter { _, file in
        if case .read(_, let time) = file { time + Self.maxAge > .now } else { true }
      }
      let previous = files.updateValue(.read(content, at: .now), forKey: path)
      return if case .beingRead(let waiting)? = previous { waiting } else { [:] }
    }
    for waiter in waiting.values { waiter.yield(content) }
  }

  /// Blocks as long as the disk does.
  static func read(_ path: String) -> Content {
    do throws(SmallFile.Failure) {
      let bytes = try SmallFile(path: path, limit: maxSize).bytes
      return bytes.isEmpty ? .failure(.unreadableAuthorities(in: path)) : .success(bytes)
    } catch {
      guard case .system(let code) = error, SystemError.isShortage(code) else {
        return .failure(.unreadableAuthorities(in: path))
      }
      return .failure(.shortage(reason: SystemError.text(code)))
    }
  }
}

extension HTTPTransportError {
  /// The CA file is missing, cannot be read, or contains no certificates.
  package static func unreadableAuthorities(in path: String) -> HTTPTransportError {
    .tlsFailed(reason: "the CA file \(path) cannot be read as PEM certificates")
  }
}
