import FileServing
import RouteModel

// Failures of file server routes.
extension FailureReport {
  static func file(_ refusal: FileRefusal, _ route: Route?) -> FailureReport {
    let (code, place, title, message, hint) = texts(refusal, name(route))
    var report = FailureReport(code, UInt16(refusal.status), place, title, message, hint: hint)
    report.fields = refusal.fields
    if refusal.status == 503 { report.retryAfter = 15 }
    return report
  }

  static func folderTimedOut(_ route: Route?) -> FailureReport {
    FailureReport(
      "upstream_timeout", 504, .service, "\(name(route)) takes too long",
      "The folder that this route serves did not answer in time.", hint: "Check the disk or share with the folder.")
  }

  private static func texts(
    _ refusal: FileRefusal, _ name: String
  ) -> (code: String, Place, title: String, message: String, hint: String) {
    switch refusal {
    case .badPath(let reason):
      ("bad_path", .client, "This path names no file", "The path was refused: \(reason).", "Check the address.")
    case .notFound:
      ("file_not_found", .service, "Not found", "\(name) has nothing at this path.", "Check the address.")
    case .forbidden:
      (
        "file_forbidden", .service, "No permission to read", "The file exists, but the agent may not read it.",
        "Let the agent's user read it."
      )
    case .methodNotAllowed:
      (
        "method_not_allowed", .client, "Files can only be read", "\(name) serves files, which takes GET and HEAD.",
        "Use one of these."
      )
    case .preconditionFailed:
      (
        "precondition_failed", .client, "The file has changed", "The file is not the one that the request asks for.",
        "Load it again."
      )
    case .rangeNotSatisfiable(let size):
      (
        "range_not_satisfiable", .client, "The file ends earlier",
        "The file has \(size) bytes, and none in that range.",
        "Ask for an earlier part, or for the whole."
      )
    case .rootUnavailable:
      (
        "root_unavailable", .service, "\(name) has no folder", "The folder that this route serves cannot be opened.",
        "See that the 'root' of the route exists, and that the agent's user may open it."
      )
    case .unreadable(let reason):
      (
        "file_unreadable", .service, "The file cannot be read", "The file cannot be read at the moment: \(reason).",
        "Check the disk or share with the file."
      )
    }
  }
}
