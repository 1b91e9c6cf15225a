import LinuxSystem
import RouteProviders

/// The files of the last attempt to load, taken up or refused, as they were then.
struct WatchedFiles: Sendable {
  /// The configuration file and what it names.
  var configuration: ReadFiles
  var routeFiles: RouteFiles
  /// The fingerprints of the route files from just before they were read.
  var routes: [String]

  init(_ configuration: ReadFiles, _ routeFiles: RouteFiles) {
    (self.configuration, self.routeFiles) = (configuration, routeFiles)
    routes = routeFiles.fingerprint()
  }

  /// The same route files, which were not read again, beside other files.
  func replacing(configuration: ReadFiles) -> WatchedFiles {
    var files = self
    files.configuration = configuration
    return files
  }

  var fingerprints: [String] { configuration.fingerprints + routes }

  /// Those of the same files now, and of route files that came meanwhile.
  func currentFingerprints() -> [String] { configuration.currentFingerprints() + routeFiles.fingerprint() }

  var haveRoutesChanged: Bool { routes != routeFiles.fingerprint() }

  /// The paths that were edited, replaced, added or removed since.
  func changedPaths() -> [String] {
    let changed = Set(fingerprints).symmetricDifference(currentFingerprints())
    return Set(changed.map(FileFingerprint.path(in:))).sorted()
  }
}
