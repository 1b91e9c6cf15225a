import JSONDocument
import PrintableText

extension FailureReport {
  func body(_ format: FailureFormat) -> String {
    switch format {
    case .html: FailurePage(self).text
    case .json: json
    case .text: plainText
    }
  }

  private var plainText: String {
    let lines = ["\(status) \(title)", "", message, hint] + (command.map { ["", "    \($0)"] } ?? [])
    return lines.map { PrintableText.line($0) + "\n" }.joined()
  }

  /// The same JSON as for errors on the control socket.
  private var json: String {
    let whole = command.map { "\(hint) \($0)" } ?? hint
    let answer = ["error": ["code": code, "message": message, "hint": whole]]
    return String(decoding: answer.json, as: UTF8.self) + "\n"
  }
}
