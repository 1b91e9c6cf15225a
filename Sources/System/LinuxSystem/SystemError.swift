import Glibc

/// A failed system call, with errno's text.
package struct SystemError: Error, CustomStringConvertible {
  package let call: String
  package let code: Int32

  package init(_ call: String, code: Int32 = errno) { (self.call, self.code) = (call, code) }

  package var description: String { "\(call): \(Self.text(code))" }

  /// Whether the code means that this process or machine has run out of resources.
  package static func isShortage(_ code: Int32) -> Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) }

  /// Why this process cannot open another file at the moment; nil if it can.
  package static var shortage: Int32? {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard descriptor < 0 else {
      close(descriptor)
      return nil
    }
    let code = errno
    return isShortage(code) ? code : nil
  }

  /// The text of `strerror`, but in a separate buffer: `strerror` shares one between threads.
  package static func text(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: base)
    }
  }
}
