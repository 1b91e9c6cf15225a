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
      let name = try Self.decode(segment)
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

  private static func decode(_ segment: Substring.UTF8View) throws(FileRefusal) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = segment.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else {
        throw .badPath("'%' must be followed by two hex digits")
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
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
    names.reduce("/") { $0 + Self.encode($1) + "/" } + Self.encode(Array(query.utf8), besides: "?&=/:+,;%!'()*@$")
  }

  private static func encode(_ bytes: [UInt8], besides plain: StaticString = "") -> String {
    let hexDigits = Array("0123456789ABCDEF".unicodeScalars)
    let plain = UnsafeBufferPointer(start: plain.utf8Start, count: plain.utf8CodeUnitCount)
    var text = String.UnicodeScalarView()
    for byte in bytes {
      if isUnreserved(byte) || plain.contains(byte) {
        text.append(Unicode.Scalar(byte))
      } else {
        text += ["%", hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      }
    }
    return String(text)
  }

  /// RFC 3986 §2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
