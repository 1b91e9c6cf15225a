package import FoundationEssentials
import Glibc
import JSONDocument
import LinuxSystem

/// A file of `state_dir`, which keeps some of the agent's state across restarts.
///
/// It is written atomically: to a second file, flushed to the disk, then renamed over the first; mode 0600. The content
/// is JSON with a name and a version, so that a file of another program, or of another version of this one, is
/// recognised and put aside, as is a damaged one.
package struct StateFile<Content: Codable & Sendable>: Sendable {
  package let path: String
  private let folder: String
  private let kind: String
  private let version: Int
  private let keepsDamaged: Bool

  /// The file `NAME.json` in a folder. `version` is increased with every change of `Content` that is incompatible with
  /// old files.
  ///
  /// - Parameter keepsDamaged: false for readers other than the agent, which leave the file unchanged whatever it
  ///   contains.
  package init(in folder: String, name: String, version: Int, keepsDamaged: Bool = true) {
    self.folder = folder
    self.path = "\(folder)/\(name).json"
    self.kind = name
    self.version = version
    self.keepsDamaged = keepsDamaged
  }

  /// Returns the intact content of the last ``save(_:at:)``, and what is wrong with the rest; both are nil if there is
  /// no file. An unusable file is renamed, and one with damaged parts gets a second name, so that the next save
  /// destroys neither: `NAME.json.damaged`, or `NAME.json.version-N` for one of a later version.
  package func load() -> (saved: Saved<Content>?, problem: StateFileError?) {
    do throws(StateFileError) {
      guard let bytes = try read() else { return (nil, nil) }
      return try decode(bytes)
    } catch {
      return (nil, error)
    }
  }

  private func decode(_ bytes: [UInt8]) throws(StateFileError) -> (Saved<Content>, StateFileError?) {
    guard let file = try? JSONReader.value(of: bytes), file["pvescout"] == .string(kind),
      let found = file["version"].int(in: 1...1_000_000)
    else { throw error("it is no '\(kind)' file of pvescout\(setAside(as: "damaged"))") }
    guard found <= version else {
      throw error(
        "it has version \(found), and this pvescout reads version \(version)\(setAside(as: "version-\(found)"))")
    }
    let damage = JSONDamage()
    guard let saved = try? file.decode(Saved<Content>.self, damage: damage) else {
      throw error("its content is damaged\(setAside(as: "damaged"))")
    }
    guard damage.count > 0 else { return (saved, nil) }
    return (saved, error("\(damage.count) of its parts are damaged and left out\(keepCopy(as: "damaged"))"))
  }

  /// Renames the file, but never over one of a later version; returns its new place in words.
  private func setAside(as tag: String) -> String {
    guard keepsDamaged else { return "" }
    let free = tag == "damaged" ? "\(path).\(tag)" : freeName("\(path).\(tag)")
    guard rename(path, free) == 0 else { return "" }
    return "; it is put aside as \(free)"
  }

  private func keepCopy(as tag: String) -> String {
    guard keepsDamaged else { return "" }
    let copy = "\(path).\(tag)"
    unlink(copy)
    return link(path, copy) == 0 ? "; the whole file is kept as \(copy)" : ""
  }

  private func freeName(_ name: String) -> String {
    var (free, number) = (name, 1)
    while access(free, F_OK) == 0, number < 100 {
      free = "\(name).\(number)"
      number += 1
    }
    return free
  }

  /// Creates the folder (0700) if it is missing.
  package func save(_ content: Content, at date: Date = Date()) throws(StateFileError) {
    let file = Written(pvescout: kind, version: version, savedAt: date, content: content)
    guard let data = try? JSONEncoder().encode(file) else { throw error("its content is no JSON") }
    try makeFolder()
    try write(data)
  }

  private func read() throws(StateFileError) -> [UInt8]? {
    do throws(SmallFile.Failure) {
      return try SmallFile(path: path, limit: JSONReader.maximumSize, followsLink: false).bytes
    } catch {
      switch error {
      case .system(ENOENT): return nil
      case .system(let code): throw self.error(SystemError.text(code))
      case .directory, .notRegular: throw self.error("it is no regular file\(setAside(as: "damaged"))")
      case .tooLarge: throw self.error("it is larger than any state of pvescout\(setAside(as: "damaged"))")
      }
    }
  }

  private func makeFolder() throws(StateFileError) {
    var made = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if access(made, F_OK) == 0 { continue }
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw error("\(made) cannot be made: \(SystemError.text(errno))")
      }
    }
  }

  private func write(_ data: Data) throws(StateFileError) {
    // A fixed name, so that leftovers of a crash are overwritten and do not accumulate.
    let draft = "\(path).draft"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw error(SystemError.text(errno)) }
    do throws(StateFileError) {
      defer { close(descriptor) }
      try writeAll(data, to: descriptor)
      guard fsync(descriptor) == 0 else { throw error(SystemError.text(errno)) }
    } catch {
      unlink(draft)
      throw error
    }
    guard rename(draft, path) == 0 else {
      let reason = SystemError.text(errno)
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
      guard count > 0 else { throw error(SystemError.text(errno)) }
      rest = rest.dropFirst(count)
    }
  }

  /// The rename is only durable once the folder is flushed; a file system that cannot do that loses nothing else.
  private func flushFolder() {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private func error(_ reason: String) -> StateFileError { StateFileError(path: path, reason: reason) }
}

/// A content with the time at which it was saved.
package struct Saved<Content: Codable & Sendable>: Decodable, Sendable {
  package let savedAt: Date
  package let content: Content
}

/// Why a state file could not be read or written, in whole or in part. Never a reason to stop.
package struct StateFileError: Error, CustomStringConvertible {
  package let path: String
  package let reason: String
  package var description: String { "\(path): \(reason)" }
}

private struct Written<Content: Encodable>: Encodable {
  var pvescout: String
  var version: Int
  var savedAt: Date
  var content: Content
}
