import Glibc
import LinuxSystem

/// Asks a person: questions on standard error, answers from standard input, a line each. Other programs may answer, too.
struct SetupPrompt: Sendable {
  /// The longest answer, in bytes.
  private static let limit = 4096

  /// With `--yes` nothing is asked that has an answer by default.
  let asksNothing: Bool

  /// - Parameters:
  ///   - standard: the answer if the line is empty.
  ///   - option: gives the answer without a question.
  func ask(_ question: String, standard: String? = nil, option: String) async throws(SetupFailure) -> String {
    if asksNothing {
      guard let standard else { throw SetupFailure("--yes asks nothing, and \(option) is missing") }
      return standard
    }
    show(question + (standard.map { " [\($0)]" } ?? "") + ": ")
    let answer = try await line(orElse: option).trimmingBlanks
    if answer.isEmpty, let standard { return standard }
    guard !answer.isEmpty else { throw SetupFailure("wanted an answer to '\(question)', found an empty line") }
    return answer
  }

  /// A text that is not shown while it is typed. Asked with `--yes`, too: no option has it.
  func secret(_ question: String, option: String) async throws(SetupFailure) -> String {
    let answer: String
    if isatty(STDIN_FILENO) == 1 {
      answer = try await hiddenLine(question)
    } else {
      show(question + ": ")
      answer = try await line(orElse: option)
    }
    guard !answer.isEmpty else { throw SetupFailure("wanted an answer to '\(question)', found an empty line") }
    return answer
  }

  /// - Parameter yes: the answer with `--yes`.
  func confirm(_ question: String, standard: Bool = false, withYes yes: Bool) async throws(SetupFailure) -> Bool {
    if asksNothing { return yes }
    show("\(question) [\(standard ? "Y/n" : "y/N")]: ")
    switch try await line(orElse: "--yes").trimmingBlanks.lowercased() {
    case "": return standard
    case "y", "yes": return true
    default: return false
    }
  }

  private func show(_ text: String) {
    let bytes = Array(DisplayWidth.printable(text).utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private func line(orElse option: String) async throws(SetupFailure) -> String {
    try await Self.read { Self.nextLine(echo: true) }.get(orElse: option)
  }

  /// Asks once the terminal hides what is typed: an answer that comes at once would be shown, or lost.
  private func hiddenLine(_ question: String) async throws(SetupFailure) -> String {
    defer { Terminal.say("") }
    return try await Self.read {
      var saved = termios()
      guard tcgetattr(STDIN_FILENO, &saved) == 0 else { return .failed(SystemError("tcgetattr").description) }
      var hidden = saved
      // Without signals by keys: one would leave the terminal without an echo.
      hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
      guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
        return .failed(SystemError("tcsetattr").description)
      }
      defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &saved) }
      show(question + ": ")
      return Self.nextLine(echo: false)
    }.get(orElse: "a terminal")
  }

  private enum Input: Sendable {
    case line([UInt8])
    case ended, interrupted, tooLong
    case failed(String)

    func get(orElse option: String) throws(SetupFailure) -> String {
      switch self {
      case .line(let bytes): return String(decoding: bytes, as: UTF8.self)
      case .ended: throw SetupFailure("wanted an answer, found the end of the input: give \(option)")
      case .interrupted: throw SetupFailure("interrupted")
      case .tooLong: throw SetupFailure("wanted an answer of at most \(SetupPrompt.limit) bytes")
      case .failed(let reason): throw SetupFailure("the answer cannot be read: \(reason)")
      }
    }
  }

  private static func read(_ body: @escaping @Sendable () -> Input) async -> Input { await offPool(body) }

  /// Byte by byte, so that the next answer stays in the input. Without an echo, the terminal sends each key.
  private static func nextLine(echo: Bool) -> Input {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      var byte: UInt8 = 0
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return .failed(SystemError("read").description) }
      switch byte {
      case _ where count == 0: return bytes.isEmpty ? .ended : .line(bytes)
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .line(bytes)
      case 0x03 where !echo: return .interrupted
      case 0x04 where !echo: return .ended
      case 0x08 where !echo, 0x7f where !echo: _ = bytes.popLast()
      default: bytes.append(byte)
      }
    }
    return .tooLong
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
