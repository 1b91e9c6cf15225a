import FoundationEssentials

/// Whether a file can be run, as far as that shows without running it.
enum ProgramFile {
  /// What is wrong with a path; nil where nothing is.
  static func problem(with path: String) -> String? {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return "no such file" }
    if isDirectory { return "this is a directory" }
    return FileManager.default.isExecutableFile(atPath: path) ? nil : "it is not executable: chmod +x it"
  }
}
