import Foundation
import Glibc
import Synchronization

/// A program started by a test. Its output goes to files, so that no pipe has to be drained; it is killed, if
/// necessary, when this value is released.
package final class Program: Sendable {
  package enum ExitStatus: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  package enum Input: Sendable {
    case nothing
    /// A pipe that closes when this value is released or the test process ends in any way.
    case openUntilReleased
  }

  /// A program that has ended.
  package struct Finished: Sendable {
    package var status: ExitStatus
    package var output: String
    package var errors: String
  }

  package let processID: Int32
  private let files: TemporaryDirectory
  private let inputPipe: Int32?
  private let status = Mutex<ExitStatus?>(nil)

  /// Starts the program at `path` with the tests' own environment, changed by `environment` (nil removes a name).
  package init(
    _ path: String, _ arguments: [String] = [], environment: [String: String?] = [:], input: Input = .nothing
  ) throws {
    files = try TemporaryDirectory()
    var inputEnds: (read: Int32, write: Int32)?
    if case .openUntilReleased = input {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw CannotStart(path: path, code: errno) }
      _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
      inputEnds = (ends[0], ends[1])
    }
    defer { if let inputEnds { close(inputEnds.read) } }
    inputPipe = inputEnds?.write
    processID = try Self.spawn(
      path, arguments, environment: Self.environment(changedBy: environment), input: inputEnds?.read,
      output: files.file("out"), errors: files.file("err"))
  }

  /// Runs a program to its end, with this text on its standard input, which stays open.
  package static func run(
    _ path: String, _ arguments: [String], input: String, environment: [String: String?] = [:],
    within limit: Duration = .seconds(180)
  ) async throws -> Finished {
    let program = try Program(path, arguments, environment: environment, input: .openUntilReleased)
    program.write(input)
    let status = try await program.exit(within: limit)
    return Finished(status: status, output: program.output, errors: program.errors)
  }

  /// Runs a program to its end.
  package static func run(
    _ path: String, _ arguments: [String] = [], environment: [String: String?] = [:],
    within limit: Duration = .seconds(180)
  ) async throws -> Finished {
    let program = try Program(path, arguments, environment: environment)
    let status = try await program.exit(within: limit)
    return Finished(status: status, output: program.output, errors: program.errors)
  }

  package var output: String { (try? String(contentsOfFile: files.file("out"), encoding: .utf8)) ?? "" }
  package var errors: String { (try? String(contentsOfFile: files.file("err"), encoding: .utf8)) ?? "" }

  /// How it ended; nil while it runs.
  package var exitStatus: ExitStatus? {
    status.withLock { status in
      if status == nil { status = Self.reap(processID) }
      return status
    }
  }

  /// Waits for the program to end.
  package func exit(within limit: Duration = .seconds(180)) async throws -> ExitStatus {
    try await eventually(within: limit, every: .milliseconds(5), "the program ends; it said:\n\(errors)") { exitStatus }
  }

  /// Sends a signal if the program still runs.
  package func signal(_ number: Int32) {
    status.withLock { if $0 == nil { kill(processID, number) } }
  }

  /// Writes to the standard input of a program that was started with ``Input/openUntilReleased``.
  package func write(_ text: String) {
    guard let inputPipe else { return }
    // Writing to a program that has ended is an error of `write`, not a signal.
    Glibc.signal(SIGPIPE, SIG_IGN)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(inputPipe, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  deinit {
    if let inputPipe { close(inputPipe) }
    guard exitStatus == nil else { return }
    kill(processID, SIGKILL)
    waitpid(processID, nil, 0)
  }

  private static func reap(_ processID: Int32) -> ExitStatus? {
    var word: Int32 = 0
    guard waitpid(processID, &word, WNOHANG) == processID else { return nil }
    let signal = word & 0x7f
    return signal == 0 ? .code((word >> 8) & 0xff) : .signal(signal)
  }

  private static func environment(changedBy changes: [String: String?]) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for (name, value) in changes { environment[name] = value }
    return environment
  }
}

package struct CannotStart: Error, CustomStringConvertible {
  package var path: String
  package var code: Int32
  package var description: String { "cannot start \(path): \(String(cString: strerror(code)))" }
}
