import CLinux
import Glibc
import LinuxSystem

/// Opens files below a root and nothing else: the kernel ensures that no symbolic link leads outside (openat2). Before
/// Linux 5.6, no link is followed at all.
struct FileFinder: ~Copyable {
  /// The target of a path.
  enum Found {
    case file(OpenFile)
    case folder
  }

  private let root: Int32
  private let canResolveBeneath: Bool

  /// - Parameter canResolveBeneath: false selects the method for old kernels.
  init(root: String, canResolveBeneath: Bool = true) throws(FileRefusal) {
    self.root = Glibc.open(root, clinux_path_flag() | O_DIRECTORY | O_CLOEXEC)
    self.canResolveBeneath = canResolveBeneath
    guard self.root >= 0 else { throw .rootUnavailable(SystemError.text(errno)) }
  }

  deinit { if root >= 0 { close(root) } }

  /// Checks the type before opening: a pipe or device is never opened, because that alone may have effects.
  func find(_ path: [UInt8]) throws(FileRefusal) -> Found {
    let place = try open(path, clinux_path_flag() | O_CLOEXEC)
    defer { close(place) }
    if try status(of: place).st_mode & S_IFMT == S_IFDIR { return .folder }
    try requireRegular(place)
    let descriptor = try open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    do {
      // Checked again, because the name may refer to another file by now.
      return .file(OpenFile(descriptor, FileVersion(try requireRegular(descriptor))))
    } catch {
      close(descriptor)
      throw error
    }
  }

  @discardableResult
  private func requireRegular(_ descriptor: Int32) throws(FileRefusal) -> stat {
    let status = try status(of: descriptor)
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notFound }
    return status
  }

  private func status(of descriptor: Int32) throws(FileRefusal) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.refusal(errno) }
    return status
  }

  private func open(_ path: [UInt8], _ flags: Int32) throws(FileRefusal) -> Int32 {
    if canResolveBeneath {
      // EAGAIN: a rename during the lookup, so that the kernel cannot guarantee the result.
      for _ in 0..<16 {
        let descriptor = Self.withCString(path) { clinux_open_beneath(root, $0, flags) }
        if descriptor >= 0 { return descriptor }
        if errno != EAGAIN, errno != EINTR { break }
      }
      // Seccomp filters that do not know the call yet return EPERM.
      guard errno == ENOSYS || errno == EPERM else { throw Self.refusal(errno) }
    }
    return try openStepByStep(path, flags)
  }

  private func openStepByStep(_ path: [UInt8], _ flags: Int32) throws(FileRefusal) -> Int32 {
    let names = path.split(separator: UInt8(ascii: "/"))
    var folder = root
    defer { if folder != root { close(folder) } }
    for (position, name) in names.enumerated() {
      guard name != [UInt8(ascii: "."), UInt8(ascii: ".")] else { throw .notFound }
      let isLast = position == names.count - 1
      let step = isLast ? flags | O_NOFOLLOW : clinux_path_flag() | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      let next = Self.withCString(Array(name)) { openat(folder, $0, step) }
      guard next >= 0 else { throw Self.refusal(errno) }
      if isLast { return next }
      if folder != root { close(folder) }
      folder = next
    }
    throw .notFound
  }

  private static func withCString<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (path + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { return body("") }
        return body(start)
      }
    }
  }

  private static func refusal(_ code: Int32) -> FileRefusal {
    switch code {
    // EXDEV: a link leads outside.
    case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP, EXDEV, EINVAL, ENXIO, EILSEQ: .notFound
    case EACCES, EPERM: .forbidden
    default: .unreadable(SystemError.text(code))
    }
  }
}
