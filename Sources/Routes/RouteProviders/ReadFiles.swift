import LinuxSystem

/// Files that were read, each with its fingerprint from just before: a later change shows.
package struct ReadFiles: Sendable {
  package private(set) var paths: [String] = []
  package private(set) var fingerprints: [String] = []

  package init() {}

  /// Call it before the file is opened, so that no change is missed. A file counts once.
  package mutating func append(_ path: String) {
    guard !paths.contains(path) else { return }
    paths.append(path)
    fingerprints.append(FileFingerprint.of(path))
  }

  package func appending(_ other: ReadFiles) -> ReadFiles {
    var all = self
    all.paths += other.paths
    all.fingerprints += other.fingerprints
    return all
  }

  /// The fingerprints of the same files now.
  package func currentFingerprints() -> [String] { paths.map { FileFingerprint.of($0) } }
}
