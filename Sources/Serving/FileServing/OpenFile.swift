import Glibc

/// A regular file, open for reading until nobody holds it any more.
package final class OpenFile: Sendable {
  /// How much to read at once: what a client that does not read makes the agent hold, too.
  package static let chunkSize = 32 * 1024

  private let descriptor: Int32
  let version: FileVersion

  /// Takes the descriptor over.
  init(_ descriptor: Int32, _ version: FileVersion) { (self.descriptor, self.version) = (descriptor, version) }

  deinit { close(descriptor) }

  /// How many bytes were read into the buffer from that offset on. Blocks as long as the disk does: call it on a thread
  /// that may wait.
  ///
  /// 0 means that the file has become shorter than its answer said: the connection cannot go on.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ReadFailure) -> Int {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
      if count >= 0 { return count }
      if errno != EINTR { throw ReadFailure(code: errno) }
    }
  }

  package struct ReadFailure: Error, CustomStringConvertible {
    let code: Int32
    package var description: String { "the file cannot be read any further: \(systemText(code))" }
  }
}

/// What `strerror` says, from a buffer of one's own: `strerror` shares one between threads.
func systemText(_ code: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else { return "error \(code)" }
    return String(cString: base)
  }
}
