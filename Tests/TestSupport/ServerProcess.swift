/// A Python program that runs as long as this value exists, with the lines it has written.
package final class ServerProcess: Sendable {
  private let process: Program

  /// Starts the program; `input` is the first line on its standard input, because arguments are limited to 128 KiB.
  package init(program: String, input firstLine: String) throws {
    // Isolated and without site packages, which halves the start time.
    process = try Program("/usr/bin/env", ["python3", "-I", "-S", "-c", program], input: .openUntilReleased)
    write("\(firstLine)\n")
  }

  /// The complete lines on its standard output so far.
  package var lines: [String] {
    process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  package func write(_ text: String) { process.write(text) }
}
