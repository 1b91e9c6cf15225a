import Foundation

/// A program on a terminal of a given size, and everything that it has written there.
///
/// The terminal is that of Python's `pty`, which also waits for the program: its end closes the terminal.
package final class TerminalProgram: Sendable {
  private let process: ServerProcess

  package init(
    _ path: String, _ arguments: [String], columns: Int, lines: Int, environment: [String: String] = [:]
  ) throws {
    let plan = Plan(
      command: [path] + arguments, columns: columns, lines: lines,
      environment: ["TERM": "xterm-256color"].merging(environment) { _, own in own })
    process = try ServerProcess(
      program: Self.driver, input: String(decoding: try JSONEncoder().encode(plan), as: UTF8.self))
  }

  /// All output so far.
  package var output: String {
    process.lines.compactMap { Data(base64Encoded: $0) }.reduce(into: Data()) { $0 += $1 }.text
  }

  /// `exit N` or `signal N` once the program has ended.
  package var end: String? { process.lines.first { $0.hasPrefix("exit ") || $0.hasPrefix("signal ") } }

  /// The screen after the last complete frame: the text after the last "home", line by line.
  package var screen: [String] {
    let frames = output.components(separatedBy: "\u{1b}[H").dropFirst()
    guard let frame = frames.last(where: { $0.contains("\u{1b}[J") }) else { return [] }
    return frame.components(separatedBy: "\u{1b}[J")[0].components(separatedBy: "\r\n")
      .map { $0.replacing("\u{1b}[K", with: "") }
  }

  package func resize(columns: Int, lines: Int) { process.write("resize \(lines) \(columns)\n") }

  /// Types on the terminal's keyboard.
  package func type(_ text: String) { process.write("type \(Data(text.utf8).base64EncodedString())\n") }

  package func signal(_ number: Int32) { process.write("signal \(number)\n") }

  private struct Plan: Encodable {
    var command: [String]
    var columns: Int
    var lines: Int
    var environment: [String: String]
  }

  private static let driver = """
    import base64, fcntl, json, os, pty, select, signal, struct, sys, termios
    plan = json.loads(sys.stdin.readline())
    def tell(line):
        sys.stdout.write(line + "\\n")
        sys.stdout.flush()
    def size(lines, columns):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    gate = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.read(gate[0], 1)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.closerange(3, 256)
        os.execve(plan["command"][0], plan["command"], {**os.environ, **plan["environment"]})
    size(plan["lines"], plan["columns"])
    os.write(gate[1], b"x")
    buffer = b""
    while True:
        ready, _, _ = select.select([terminal, 0], [], [])
        if terminal in ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            tell(base64.b64encode(data).decode())
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                os.kill(child, signal.SIGKILL)
                break
            buffer += data
            while b"\\n" in buffer:
                line, buffer = buffer.split(b"\\n", 1)
                word, *numbers = line.split()
                if word == b"resize":
                    size(int(numbers[0]), int(numbers[1]))
                elif word == b"type":
                    os.write(terminal, base64.b64decode(numbers[0]))
                else:
                    os.kill(child, int(numbers[0]))
    _, status = os.waitpid(child, 0)
    tell("signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit %d" % os.WEXITSTATUS(status))
    """
}

extension Data {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
