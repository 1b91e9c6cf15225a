import FoundationEssentials
import PrintableText

extension FailureReport {
  func body(_ form: FailureForm) -> String {
    switch form {
    case .html: FailurePage(self).text
    case .json: json
    case .text: plainText
    }
  }

  private var plainText: String {
    let lines = ["\(status) \(title)", "", message, hint] + (command.map { ["", "    \($0)"] } ?? [])
    return lines.map { PrintableText.line($0) + "\n" }.joined()
  }

  /// As the agent's socket tells its errors.
  private var json: String {
    struct Answer: Encodable {
      struct Failure: Encodable { let code, message, hint: String }
      let error: Failure
    }
    let whole = command.map { "\(hint) \($0)" } ?? hint
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = try? encoder.encode(Answer(error: .init(code: code, message: message, hint: whole)))
    // Strings always encode.
    return String(decoding: PrintableText.escaped(json: Array(bytes ?? Data())), as: UTF8.self) + "\n"
  }
}
