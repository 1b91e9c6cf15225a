import PrintableText

/// The path of a request, decoded once and checked: names below the root, none of which leads upwards.
///
/// Empty segments and `.` are dropped. Names are bytes, as in the file system: a name that is not UTF-8 may still
/// exist.
struct ServedPath: Equatable {
  private(set) var names: [[UInt8]] = []
  /// Whether it ends like a folder: with `/` or `/.`.
  private(set) var isFolder = true
  /// Starts with `?`, as sent; empty without a query.
  let query: Substring

  init(target: String) throws(FileRefusal) {
    let path = target.prefix { $0 != "?" }
    query = target[path.endIndex...]
    guard path.utf8.first == UInt8(ascii: "/") else { throw .badPath("it must begin with '/'") }
    guard !path.utf8.contains(UInt8(ascii: "#")) else { throw .badPath("it must not hold '#'") }
    for segment in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let name = PercentCoding.decode(bytes: segment) else {
        throw .badPath("'%' must be followed by two hex digits")
      }
      isFolder = name.isEmpty || name == Self.here
      guard !isFolder else { continue }
      try check(name)
      names.append(name)
    }
  }

  private static let here = Array(".".utf8)
  private static let up = Array("..".utf8)
  /// RFC 8615: registered paths that clients expect to find there.
  private static let wellKnown = Array(".well-known".utf8)

  private func check(_ name: [UInt8]) throws(FileRefusal) {
    if name == Self.up { throw .badPath("it must not hold '..'") }
    if name.contains(0) { throw .badPath("it must not hold NUL") }
    // No file has such a name: an encoded slash is not a separator.
    if name.contains(UInt8(ascii: "/")) { throw .notFound }
    let isHidden = name.first == UInt8(ascii: ".") && !(names.isEmpty && name == Self.wellKnown)
    if isHidden { throw .notFound }
  }
}

extension ServedPath {
  /// For system calls: relative, and `.` for the root itself.
  var relative: [UInt8] { names.isEmpty ? Self.here : Array(names.joined(separator: [UInt8(ascii: "/")])) }

  /// The name that determines the content type.
  var lastName: [UInt8] { names.last ?? [] }

  func appending(_ text: String) -> [UInt8] {
    (names + [Array(text.utf8)]).joined(separator: [UInt8(ascii: "/")]).map { $0 }
  }

  /// The path with a trailing slash, encoded again. It begins with exactly one slash, so that it cannot name another
  /// host.
  var folderLocation: String {
    names.reduce("/") { $0 + PercentCoding.encode($1) + "/" }
      + PercentCoding.encode(Array(query.utf8), besides: "?&=/:+,;%!'()*@$")
  }
}
