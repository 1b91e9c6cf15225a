/// Why a demo cannot continue.
enum DemoError: Error, CustomStringConvertible {
  case noFolder(String)
  /// There is no free port for a service, or no free address to move it to.
  case noPort(service: String)
  case notSettled(routes: [String], seconds: Int)

  var description: String {
    switch self {
    case .noFolder(let reason): "cannot make a folder in /tmp: \(reason)"
    case .noPort(let service): "found no free loopback port for the demo's service \(service)"
    case .notSettled(let routes, let seconds):
      "after \(seconds) s these routes had not settled: \(routes.joined(separator: ", "))"
    }
  }
}
