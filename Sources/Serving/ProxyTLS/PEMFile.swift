import Glibc
import LinuxSystem

/// The content of a small file, and its permissions at that moment.
struct PEMFile {
  var bytes: [UInt8]
  /// Whether every user of the machine can read it.
  var isReadableByAll: Bool

  /// The most bytes that are read; a chain takes about 6 kB, a folder's worth of CAs 300 kB.
  static let limit = 4 << 20

  /// Why a file cannot be read, without its path.
  struct Failure: Error {
    var reason: String

    fileprivate init(_ failure: SmallFile.Failure) {
      reason =
        switch failure {
        case .directory, .notRegular: "this is no regular file"
        case .tooLarge(let bytes): "it has \(bytes) bytes, too many"
        case .system(ENOENT), .system(ENOTDIR): "no such file"
        case .system(EACCES), .system(EPERM): "permission denied"
        case .system(let code): SystemError.text(code)
        }
    }
  }

  init(path: String) throws(Failure) {
    let file: SmallFile
    do { file = try SmallFile(path: path, limit: Self.limit) } catch { throw Failure(error) }
    isReadableByAll = file.permissions & 0o004 != 0
    bytes = file.bytes
  }
}
