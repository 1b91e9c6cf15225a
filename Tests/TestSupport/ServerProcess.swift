import Foundation
import Synchronization

/// A Python program that runs for as long as this value lives, with the lines that it has written.
package final class ServerProcess: Sendable {
  private struct Output {
    var lines: [String] = []
    var rest = Data()
  }

  private let process: Process
  private let input = Pipe()
  private let output = Mutex(Output())

  /// Starts the program; `input` is the first line on its standard input, as an argument has a bound of 128 KiB.
  package init(program: String, input firstLine: String) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Isolated and without site packages: a start takes half the time.
    process.arguments = ["python3", "-I", "-S", "-c", program]
    process.standardInput = input
    let pipe = Pipe()
    process.standardOutput = pipe
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let data = handle.availableData
      if data.isEmpty { handle.readabilityHandler = nil } else { self?.take(data) }
    }
    try process.run()
    write("\(firstLine)\n")
  }

  deinit {
    // Not SIGTERM: the child may have inherited a mask from the thread that started it, in which that is blocked.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// The complete lines on its standard output so far.
  package var lines: [String] { output.withLock { $0.lines } }

  package func write(_ text: String) {
    try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  }

  private func take(_ data: Data) {
    var pieces = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    output.withLock { output in
      let rest = pieces.removeLast()
      for piece in pieces {
        output.lines.append(String(decoding: output.rest + piece, as: UTF8.self))
        output.rest = Data()
      }
      output.rest.append(rest)
    }
  }
}
