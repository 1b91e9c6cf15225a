import FoundationEssentials

/// Checks whether a file can be run, as far as possible without running it.
enum ProgramFile {
  /// Describes what is wrong with a path; nil if nothing is.
  static func problem(with path: String) -> String? {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return "no such file" }
    if isDirectory { return "this is a directory" }
    return FileManager.default.isExecutableFile(atPath: path) ? nil : "it is not executable: chmod +x it"
  }
}
