import Glibc
import LinuxSystem
import Synchronization

/// A regular file, open for reading until it is closed or its last reference is gone.
package final class OpenFile: Sendable {
  /// The number of bytes per read, which is also the memory that a client which does not read takes up.
  package static let chunkSize = 32 * 1024

  /// -1 once it is closed.
  private let descriptor: Atomic<Int32>
  let version: FileVersion

  /// Takes ownership of the descriptor.
  init(_ descriptor: Int32, _ version: FileVersion) {
    self.descriptor = Atomic(descriptor)
    self.version = version
  }

  deinit { close() }

  /// Blocks as long as the file system does, as one in user space may: call it on a thread that may block.
  package func close() {
    let descriptor = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  /// Reads bytes from that offset into the buffer and returns their number. Blocks as long as the disk does: call it on
  /// a thread that may block.
  ///
  /// 0 means that the file has become shorter than announced: the connection cannot continue.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ReadFailure) -> Int {
    let descriptor = descriptor.load(ordering: .acquiring)
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
      if count >= 0 { return count }
      if errno != EINTR { throw ReadFailure(code: errno) }
    }
  }

  package struct ReadFailure: Error, CustomStringConvertible {
    let code: Int32
    package var description: String { "the file cannot be read any further: \(SystemError.text(code))" }
  }
}
