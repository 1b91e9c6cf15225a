import Foundation

/// Paths of the sources under test, and of the programs that were built with these tests.
package enum Checkout {
  /// The package's folder.
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The path of a program from the same build, beside the test bundle.
  package static func product(_ name: String) throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path, remedy: "swift build") }
    return path
  }

  /// The Python interpreter with fakepve.
  package static func labPython() throws -> String {
    let path = "\(root)/.build/lab-venv/bin/python"
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path, remedy: "Tests/run.sh") }
    return path
  }

  package struct Missing: Error, CustomStringConvertible {
    package var path: String
    package var remedy: String
    package var description: String { "\(path) is not there: run \(remedy) first" }
  }
}
