import Foundation
import TestSupport
import Testing

extension RunningAgent {
  /// A line of `/proc/PID/status`, proc(5): `RssAnon` and `VmHWM` in kB, `Threads`.
  func count(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(program.processID)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):") })
    return try #require(Int(line.filter(\.isNumber)))
  }
}
