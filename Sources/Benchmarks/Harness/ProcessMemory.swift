import FoundationEssentials
import Glibc

/// What the process holds in memory.
enum ProcessMemory {
  /// The second field of `/proc/self/statm`, in bytes (proc(5)); nil where it cannot be read.
  static var resident: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) } : nil
  }
}
