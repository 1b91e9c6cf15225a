/// Serves files from a folder.
///
/// Only files below the root: `..` is refused in every encoding, and a symbolic link is followed only if it stays below
/// the root (an absolute one never does). Only regular files. Names that begin with a dot are not served, except for
/// `/.well-known/` (RFC 8615). A folder redirects to its path with a slash, which serves its index; folders are never
/// listed.
package struct FileServer: Sendable {
  package let folder: ServedFolder

  package init(_ folder: ServedFolder) { self.folder = folder }

  static let methods = "GET, HEAD, OPTIONS"

  /// Blocks as long as the disk does, and holds no lock: call it on a thread that may block.
  package func answer(to request: FileRequest) -> FileAnswer {
    do throws(FileRefusal) {
      switch request.method {
      case "GET", "HEAD": return try content(for: request)
      case "OPTIONS": return FileAnswer(204, [("Allow", Self.methods)])
      default: throw .methodNotAllowed
      }
    } catch {
      return FileAnswer(refusing: error)
    }
  }

  private func content(for request: FileRequest) throws(FileRefusal) -> FileAnswer {
    let path = try ServedPath(target: request.target)
    let finder = try FileFinder(root: folder.root)
    switch try locate(path, with: finder) {
    case .file(let file, let name): return try FileConditions(request, file.version).answer(file, ContentType(of: name))
    case .elsewhere(let location):
      return FileAnswer(301, [("Location", location), ("Cache-Control", "no-cache"), ("Content-Length", "0")])
    }
  }

  private enum Location {
    /// The name determines the content type.
    case file(OpenFile, name: [UInt8])
    case elsewhere(String)
  }

  private func locate(_ path: ServedPath, with finder: borrowing FileFinder) throws(FileRefusal) -> Location {
    do throws(FileRefusal) {
      if path.isFolder { return try index(path.appending(folder.index), with: finder) }
      switch try finder.find(path.relative) {
      case .file(let file): return .file(file, name: path.lastName)
      case .folder: return .elsewhere(path.folderLocation)
      }
    } catch {
      guard error == .notFound, folder.isSinglePageApp, !ContentType.isKnown(path.lastName) else { throw error }
      return try index(Array(folder.index.utf8), with: finder)
    }
  }

  private func index(_ path: [UInt8], with finder: borrowing FileFinder) throws(FileRefusal) -> Location {
    guard case .file(let file) = try finder.find(path) else { throw .notFound }
    return .file(file, name: Array(folder.index.utf8))
  }
}

/// The parts of a request that affect the response. Fields are as sent by the client, with repeated ones joined by
/// commas (RFC 9110 §5.3).
package struct FileRequest: Sendable {
  package var method: String
  /// In origin-form: an encoded path, and perhaps a query (RFC 9112 §3.2.1).
  package var target: String
  package var ifMatch: String?
  package var ifNoneMatch: String?
  package var ifModifiedSince: String?
  package var ifUnmodifiedSince: String?
  package var range: String?
  package var ifRange: String?

  package init(method: String, target: String) { (self.method, self.target) = (method, target) }
}

/// The folder that a file server route serves.
package struct ServedFolder: Hashable, Sendable {
  package var root: String
  /// The file that is served for a folder.
  package var index = "index.html"
  /// Whether paths without a file get the root's index, because the application does its own routing. Excludes paths
  /// with a known file extension, so that a missing script remains a 404.
  package var isSinglePageApp = false

  package init(root: String) { self.root = root }
}
