/// Why there is no file for a request. Tells nothing of this machine's folders.
package enum FileRefusal: Error, Hashable, Sendable {
  /// The target is no path that could name a file: what is wrong with it.
  case badPath(String)
  /// No such file, or one that is not given out: no regular file, outside the root, or hidden.
  case notFound
  /// The agent's user may not read it.
  case forbidden
  case methodNotAllowed
  /// `If-Match` or `If-Unmodified-Since` does not hold.
  case preconditionFailed
  /// No byte of the file, which has so many, is in the range.
  case rangeNotSatisfiable(size: Int)
  /// The root cannot be opened: why.
  case rootUnavailable(String)
  /// This file cannot be opened now: why.
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

  /// What the answer says besides: `Allow`, `Content-Range`.
  package var fields: [(name: String, value: String)] {
    switch self {
    case .methodNotAllowed: [("Allow", FileServer.methods)]
    case .rangeNotSatisfiable(let size): [("Content-Range", "bytes */\(size)"), ("Accept-Ranges", "bytes")]
    default: []
    }
  }
}
