package import FoundationEssentials
import Glibc

/// A file of `state_dir`: something the agent knew, kept over restarts.
///
/// Written whole or not at all: beside the file, flushed to the disk, then renamed over it; mode 0600. The content is
/// JSON under a name and a version, so that what another program, or another version of this one, left there is told
/// from one's own.
package struct StateFile<Content: Codable & Sendable>: Sendable {
  package let path: String
  private let folder: String
  private let kind: String
  private let version: Int

  /// More than any state of ours needs; what is larger was not written by us.
  private static var largest: Int { 256 << 20 }

  /// The file `NAME.json` in a folder. `version` counts up with every change of `Content` that old files do not fit.
  package init(in folder: String, name: String, version: Int) {
    self.folder = folder
    self.path = "\(folder)/\(name).json"
    self.kind = name
    self.version = version
  }

  /// What the last ``save(_:at:)`` wrote; nil where there is no file.
  package func load() throws(StateFileError) -> Saved<Content>? {
    guard let data = try read() else { return nil }
    let decoder = JSONDecoder()
    guard let header = try? decoder.decode(Header.self, from: data), header.pvescout == kind else {
      throw error("it is no '\(kind)' file of pvescout")
    }
    guard header.version == version else {
      throw error("it has version \(header.version), and this pvescout reads version \(version)")
    }
    do { return try decoder.decode(Saved<Content>.self, from: data) } catch {
      throw self.error("its content is damaged")
    }
  }

  /// Makes the folder (0700) where it is missing.
  package func save(_ content: Content, at date: Date = Date()) throws(StateFileError) {
    let file = Written(pvescout: kind, version: version, savedAt: date, content: content)
    guard let data = try? JSONEncoder().encode(file) else { throw error("its content is no JSON") }
    try makeFolder()
    try write(data)
  }

  private func read() throws(StateFileError) -> Data? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw error(reasonOfErrno())
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw error(reasonOfErrno()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw error("it is no regular file") }
    guard status.st_size <= Self.largest else { throw error("it is larger than any state of pvescout") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw error(reasonOfErrno()) }
      if count == 0 { break }
      filled += count
    }
    return Data(bytes.prefix(filled))
  }

  private func makeFolder() throws(StateFileError) {
    var made = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if access(made, F_OK) == 0 { continue }
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw error("\(made) cannot be made: \(reasonOfErrno())")
      }
    }
  }

  private func write(_ data: Data) throws(StateFileError) {
    // One name, so that what a crash left is overwritten and never piles up.
    let draft = "\(path).draft"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw error(reasonOfErrno()) }
    do throws(StateFileError) {
      defer { close(descriptor) }
      try writeAll(data, to: descriptor)
      guard fsync(descriptor) == 0 else { throw error(reasonOfErrno()) }
    } catch {
      unlink(draft)
      throw error
    }
    guard rename(draft, path) == 0 else {
      let reason = reasonOfErrno()
      unlink(draft)
      throw error(reason)
    }
    flushFolder()
  }

  private func writeAll(_ data: Data, to descriptor: Int32) throws(StateFileError) {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw error(reasonOfErrno()) }
      rest = rest.dropFirst(count)
    }
  }

  /// The rename itself lasts only once the folder was flushed; a file system that cannot do that loses no more than this.
  private func flushFolder() {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private func error(_ reason: String) -> StateFileError { StateFileError(path: path, reason: reason) }
}

/// A content, and when it was saved.
package struct Saved<Content: Codable & Sendable>: Decodable, Sendable {
  package let savedAt: Date
  package let content: Content
}

/// Why a state file could not be read or written. Never a reason to stop: the agent finds out anew.
package struct StateFileError: Error, CustomStringConvertible {
  package let path: String
  package let reason: String
  package var description: String { "\(path): \(reason)" }
}

private struct Header: Decodable {
  var pvescout: String
  var version: Int
}

private struct Written<Content: Encodable>: Encodable {
  var pvescout: String
  var version: Int
  var savedAt: Date
  var content: Content
}

private func reasonOfErrno() -> String { String(cString: strerror(errno)) }
