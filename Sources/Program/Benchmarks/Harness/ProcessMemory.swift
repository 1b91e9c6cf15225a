import CLinux
import FoundationEssentials
import Glibc

/// What the process holds in memory.
struct ProcessMemory: Sendable {
  /// In bytes: the resident pages without those of files, such as the program and its libraries.
  var anonymous: Int

  /// As ``now``, once what is not in use was given back, which the agent does every minute.
  static var settled: ProcessMemory? {
    malloc_trim(0)
    return now
  }

  /// The second field of `/proc/self/statm`, and the third taken from it (proc(5)); nil where it cannot be read.
  static var now: ProcessMemory? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let pages = text.split(separator: " ").compactMap { Int($0) }
    guard pages.count > 2 else { return nil }
    let size = sysconf(Int32(_SC_PAGESIZE))
    return ProcessMemory(anonymous: (pages[1] - pages[2]) * size)
  }
}
