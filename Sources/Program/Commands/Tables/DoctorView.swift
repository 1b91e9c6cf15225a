import Diagnosis

/// A diagnosis for people: one line for each check, followed by the remedies of failed ones.
struct DoctorView {
  /// The column in which text below a check begins.
  private static let indent = 11

  private let style: TableStyle
  private var text = ""
  /// The remedies already shown, with the topic of the check: each is shown once a section.
  private var told: [Remedy: String] = [:]

  static func render(_ report: DiagnosisReport, style: TableStyle) -> String {
    var view = DoctorView(style: style)
    for section in report.sections { view.add(section) }
    view.add(summaryOf: report)
    return view.text
  }

  private init(style: TableStyle) { self.style = style }

  private mutating func add(_ section: DiagnosisReport.Section) {
    told = [:]
    let title = DisplayWidth.printable(section.kind == .cluster ? "cluster \(section.name)" : section.name)
    text += painted(title, .bold) + "\n"
    let width = section.checks.map(\.topic.count).max() ?? 0
    for check in section.checks { add(check, topicWidth: width) }
    text += "\n"
  }

  private mutating func add(_ check: Finding, topicWidth: Int) {
    let severity = check.severity.rawValue
    let topic = check.topic + String(repeating: " ", count: topicWidth - check.topic.count)
    let lines = wrapped(check.found, indent: Self.indent + topicWidth + 2)
    text += "  " + painted(severity, color(check.severity)) + String(repeating: " ", count: 9 - severity.count)
    text += "\(topic)  \(lines)"
    if let wanted = check.wanted { addDetail("wanted: \(wanted)") }
    for remedy in check.remedies { add(remedy, of: check) }
  }

  private mutating func add(_ remedy: Remedy, of check: Finding) {
    if let topic = told[remedy], !remedy.commands.isEmpty {
      return addDetail("mended by what is said for \(topic) above")
    }
    told[remedy] = check.topic
    addDetail(remedy.advice + (remedy.commands.isEmpty ? "" : ":"))
    // Never wrapped, so that they can be copied.
    for command in remedy.commands {
      text += String(repeating: " ", count: Self.indent + 4) + DisplayWidth.printable(command) + "\n"
    }
  }

  private mutating func addDetail(_ detail: String) {
    text += String(repeating: " ", count: Self.indent) + wrapped(detail, indent: Self.indent)
  }

  private mutating func add(summaryOf report: DiagnosisReport) {
    let counts = [(report.problems, "problem"), (report.warnings, "warning")].filter { $0.0 > 0 }
    let words = counts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    text += words.isEmpty ? painted("all is well", .green) + "\n" : words + "\n"
  }

  private func color(_ severity: Severity) -> TextColor {
    switch severity {
    case .ok: .green
    case .warning: .yellow
    case .problem: .red
    }
  }

  private func painted(_ text: String, _ color: TextColor) -> String { style.usesColor ? color.paint(text) : text }

  /// Wraps a text into lines, the first without an indent; each ends with a line feed.
  private func wrapped(_ text: String, indent: Int) -> String {
    let text = DisplayWidth.printable(text)
    guard let width = style.width, width > indent + 20 else { return text + "\n" }
    return DisplayWidth.lines(of: text, width: width - indent)
      .joined(separator: "\n" + String(repeating: " ", count: indent)) + "\n"
  }
}
