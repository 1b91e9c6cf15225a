import Glibc
import LinuxSystem

/// A small UTF-8 file, read as a whole.
package struct TextFile: Sendable {
  package var text: String
  /// The permission bits, such as 0o640.
  package var permissions: UInt16

  /// The maximum size in bytes: a thousand routes take some 300 kB.
  package static let limit = 4 << 20

  /// Why a file cannot be read. The text does not contain the path.
  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case missing
    case directory
    case notPermitted
    /// A device, a pipe or a socket.
    case notRegular
    case tooLarge(bytes: Int)
    /// The position of the first byte that is not text, and the reason.
    case notText(YAMLPosition, String)
    case system(String)

    package var description: String {
      switch self {
      case .missing: "no such file"
      case .directory: "this is a directory, wanted a file"
      case .notPermitted: "permission denied"
      case .notRegular: "this is a device, a pipe or a socket, wanted a file"
      case .tooLarge(let bytes):
        "the file has \(bytes) bytes, more than the \(TextFile.limit) that are read: is it the right one?"
      case .notText(_, let reason): reason
      case .system(let reason): reason
      }
    }

    /// The position of the problem; the start of the file if it is not known.
    package var position: YAMLPosition {
      if case .notText(let position, _) = self { position } else { .start }
    }
  }

  package init(path: String) throws(Failure) {
    let file: SmallFile
    do { file = try SmallFile(path: path, limit: Self.limit) } catch { throw Failure(error) }
    permissions = file.permissions
    text = try Self.decode(file.bytes)
  }

  /// Removes a UTF-8 byte order mark, as written by Windows editors.
  static func decode(_ bytes: [UInt8]) throws(Failure) -> String {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw .notText(.start, "the file is UTF-16 text: save it as UTF-8")
    }
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else { throw firstInvalid(in: content) }
    if let (position, scalar) = firstControl(in: text) {
      let code = String(scalar.value, radix: 16, uppercase: true)
      throw .notText(
        position, "the control character U+\(String(repeating: "0", count: 4 - code.count))\(code) is no text")
    }
    return text
  }

  private static func firstInvalid(in bytes: ArraySlice<UInt8>) -> Failure {
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = YAMLPosition.start
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar): position.advance(over: UTF8.decode(scalar))
      case .error, .emptyInput: return .notText(position, "the file is not UTF-8 from here on: save it as UTF-8")
      }
    }
  }

  /// Finds a control character, which YAML does not allow (YAML 1.1 §5.1), nor do secrets and names.
  private static func firstControl(in text: String) -> (YAMLPosition, Unicode.Scalar)? {
    guard text.utf8.contains(where: { $0 < 0x20 && $0 != 9 && $0 != 10 && $0 != 13 || $0 == 0x7F }) else { return nil }
    var position = YAMLPosition.start
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 && ![9, 10, 13].contains(scalar.value) || scalar.value == 0x7F {
        return (position, scalar)
      }
      position.advance(over: scalar)
    }
    return nil
  }
}

extension TextFile.Failure {
  fileprivate init(_ failure: SmallFile.Failure) {
    self =
      switch failure {
      case .directory: .directory
      case .notRegular: .notRegular
      case .tooLarge(let bytes): .tooLarge(bytes: bytes)
      case .system(ENOENT), .system(ENOTDIR): .missing
      case .system(EACCES), .system(EPERM): .notPermitted
      // A socket cannot be opened, and a device may be absent.
      case .system(ENXIO), .system(ENODEV): .notRegular
      case .system(let code): .system(SystemError.text(code))
      }
  }
}

extension YAMLPosition {
  fileprivate mutating func advance(over scalar: Unicode.Scalar) {
    if scalar == "\n" { self = YAMLPosition(line: line + 1, column: 1) } else { column += 1 }
  }
}
