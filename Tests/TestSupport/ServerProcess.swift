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

  package init(program: String, argument: String) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Isolated and without site packages: a start takes half the time.
    process.arguments = ["python3", "-I", "-S", "-c", program, argument]
    process.standardInput = input
    let pipe = Pipe()
    process.standardOutput = pipe
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let data = handle.availableData
      if data.isEmpty { handle.readabilityHandler = nil } else { self?.take(data) }
    }
    try process.run()
  }

  deinit { process.terminate() }

  /// The complete lines on its standard output so far.
  package var lines: [String] { output.withLock { $0.lines } }

  package func write(_ text: String) {
    try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  }

  private func take(_ data: Data) {
    output.withLock { output in
      output.rest.append(data)
      while let end = output.rest.firstIndex(of: UInt8(ascii: "\n")) {
        output.lines.append(String(decoding: output.rest[..<end], as: UTF8.self))
        output.rest = Data(output.rest[output.rest.index(after: end)...])
      }
    }
  }
}
