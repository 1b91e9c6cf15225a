import CLinux
import FoundationEssentials
import Glibc

/// The memory of the process.
struct ProcessMemory: Sendable {
  /// In bytes: the resident pages without those of files, such as the program and its libraries.
  var anonymous: Int

  /// As ``now``, after unused memory was returned to the kernel, as the agent does every minute.
  static var settled: ProcessMemory? {
    malloc_trim(0)
    return now
  }

  /// The second field of `/proc/self/statm`, and the third taken from it (proc(5)); nil if it cannot be read.
  static var now: ProcessMemory? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let pages = text.split(separator: " ").compactMap { Int($0) }
    guard pages.count > 2 else { return nil }
    let size = sysconf(Int32(_SC_PAGESIZE))
    return ProcessMemory(anonymous: (pages[1] - pages[2]) * size)
  }
}
