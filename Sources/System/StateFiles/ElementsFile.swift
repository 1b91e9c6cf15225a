import JSONDocument
import LinuxSystem
package import Logging

/// A state file with a list of elements, of which damaged ones are left out. Its problems are logged, not thrown.
package struct ElementsFile<Element: Codable & Sendable>: Sendable {
  private let file: StateFile<SoundElements<Element>>
  private let subject: String
  private let logger: Logger

  /// The file `NAME.json` in a folder; see ``StateFile/init(in:name:version:keepsDamaged:)``.
  ///
  /// - Parameter subject: what the elements are, at the beginning of log lines.
  package init(in folder: String, name: String, version: Int, subject: String, logger: Logger) {
    file = StateFile(in: folder, name: name, version: version)
    (self.subject, self.logger) = (subject, logger)
  }

  /// The intact elements; none if there is no file.
  package func load() -> [Element] {
    let (saved, problem) = file.load()
    if let problem { logger.warning("\(subject) not restored in full", metadata: ["error": "\(problem)"]) }
    return saved?.content.elements ?? []
  }

  /// Blocks on the disk.
  ///
  /// - Parameter logsFailure: false if an earlier failure was logged.
  /// - Returns: whether the elements were saved.
  package func saveNow(_ elements: [Element], logsFailure: Bool = true) -> Bool {
    do throws(StateFileError) {
      try file.save(SoundElements(elements))
      return true
    } catch {
      if logsFailure { logger.warning("\(subject) not saved", metadata: ["error": "\(error)"]) }
      return false
    }
  }

  package func save(_ elements: [Element]) async { await offPool { _ = saveNow(elements) } }
}
