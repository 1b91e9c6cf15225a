import Glibc
import PrintableText

/// Evaluates a request's conditions on a file in the order of RFC 9110 §13.2.2.
struct FileConditions {
  private let request: FileRequest
  private let version: FileVersion

  init(_ request: FileRequest, _ version: FileVersion) { (self.request, self.version) = (request, version) }

  func answer(_ file: OpenFile, _ type: ContentType) throws(FileRefusal) -> FileAnswer {
    if !isExpectedVersion { throw .preconditionFailed }
    let validators = [
      ("ETag", version.entityTag), ("Last-Modified", version.lastModified),
      // May be cached, but must be revalidated, so that an old page is not shown after an update.
      ("Cache-Control", "no-cache"),
    ]
    if isKnownToClient { return FileAnswer(304, validators) }
    let fields =
      validators + [
        ("Content-Type", type.text), ("X-Content-Type-Options", "nosniff"), ("Accept-Ranges", "bytes"),
      ]
    guard let range = try wantedRange() else { return whole(file, fields) }
    let place = ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(version.size)")
    return FileAnswer(
      206, fields + [place, ("Content-Length", "\(range.count)")],
      body: .file(file, offset: range.lowerBound, length: range.count))
  }

  private func whole(_ file: OpenFile, _ fields: [(name: String, value: String)]) -> FileAnswer {
    let fields = fields + [("Content-Length", "\(version.size)")]
    guard request.method == "GET", version.size > 0 else { return FileAnswer(200, fields) }
    return FileAnswer(200, fields, body: .file(file, offset: 0, length: version.size))
  }

  /// §13.1.1, §13.1.4
  private var isExpectedVersion: Bool {
    if let tags = request.ifMatch { return EntityTags(tags).contains(version.entityTag, comparing: .strongly) }
    guard let date = request.ifUnmodifiedSince.flatMap(HTTPDate.seconds) else { return true }
    return version.modified <= date
  }

  /// §13.1.2, §13.1.3
  private var isKnownToClient: Bool {
    if let tags = request.ifNoneMatch { return EntityTags(tags).contains(version.entityTag, comparing: .weakly) }
    guard let date = request.ifModifiedSince.flatMap(HTTPDate.seconds) else { return false }
    return version.modified <= date
  }

  /// Nil for the whole file. An empty file has no ranges: a request for one gets the whole file.
  private func wantedRange() throws(FileRefusal) -> Range<Int>? {
    guard request.method == "GET", version.size > 0, let field = request.range, holdsForRange else { return nil }
    switch ByteRange(field) {
    case nil: return nil
    case let range?:
      guard let part = range.part(of: version.size) else { throw .rangeNotSatisfiable(size: version.size) }
      return part
    }
  }

  /// §13.1.5: either validator must match exactly, and a weak tag never does.
  private var holdsForRange: Bool {
    guard let condition = request.ifRange else { return true }
    if let date = HTTPDate.seconds(condition) { return version.modified == date }
    return condition.trimmed == version.entityTag
  }
}

/// The state of a file's content, from which validators are derived (RFC 9110 §8.8).
struct FileVersion: Hashable, Sendable {
  /// In bytes.
  let size: Int
  /// In seconds since 1970.
  let modified: Int
  /// A strong entity tag, including its quotes.
  let entityTag: String

  init(_ status: stat) {
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec
    entityTag =
      "\"\([Int(status.st_ino), size, modified, status.st_mtim.tv_nsec].map { String($0, radix: 36) }.joined(separator: "-"))\""
  }

  var lastModified: String { HTTPDate.text(modified) }
}
