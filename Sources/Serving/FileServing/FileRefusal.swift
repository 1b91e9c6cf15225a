/// Why a request gets no file. Reveals nothing about this machine's folders.
package enum FileRefusal: Error, Hashable, Sendable {
  /// The target is not a valid path, with the reason.
  case badPath(String)
  /// There is no such file, or it is not served: not a regular file, outside the root, or hidden.
  case notFound
  /// The agent's user may not read the file.
  case forbidden
  case methodNotAllowed
  /// `If-Match` or `If-Unmodified-Since` is false.
  case preconditionFailed
  /// The range covers no byte of the file, which has this size.
  case rangeNotSatisfiable(size: Int)
  /// The root cannot be opened, with the reason.
  case rootUnavailable(String)
  /// The file cannot be opened at the moment, with the reason.
  case unreadable(String)

  package var status: Int {
    switch self {
    case .badPath: 400
    case .forbidden: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .preconditionFailed: 412
    case .rangeNotSatisfiable: 416
    case .rootUnavailable, .unreadable: 503
    }
  }

  /// Additional fields of the response: `Allow`, `Content-Range`.
  package var fields: [(name: String, value: String)] {
    switch self {
    case .methodNotAllowed: [("Allow", FileServer.methods)]
    case .rangeNotSatisfiable(let size): [("Content-Range", "bytes */\(size)"), ("Accept-Ranges", "bytes")]
    default: []
    }
  }
}
