import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout explain ALIAS`
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the steps by which a route was, or was not, linked; its target; its health.",
    discussion: """
      Examples:
        pvescout explain jellyfin
      """)

  @OptionGroup var options: QueryOptions

  @Argument(help: "An alias or key.", completion: .aliases)
  var alias: String

  func run() async throws {
    let alias = alias
    try await options.show { client throws(ControlClientError) in
      try await client.explain(alias)
    } as: {
      ExplainView.render($0, style: $1)
    }
  }
}

/// Explains a route's link, target and health.
enum ExplainView {
  static func render(_ explanation: Explanation, style: TableStyle) -> String {
    var health = explanation.health
    // For a route excluded because of an error, the health repeats the reason.
    if health.detail == explanation.excludedReason { health.detail = "" }
    var fields = FieldList()
    fields.add("route", explanation.key)
    fields.add("declared", "\(explanation.declaredAt) (\(explanation.provider))")
    fields.add("excluded", explanation.excludedReason, color: .yellow)
    fields.add("not served", explanation.restricted, color: .yellow)
    fields.add(explanation.link)
    fields.add("target", explanation.target ?? "-")
    for note in explanation.notes { fields.add("note", note) }
    fields.add(health)
    let steps = explanation.steps.isEmpty ? "" : "\n" + StepLines.render(explanation.steps, style: style)
    return fields.rendered(style) + steps
  }
}

/// The result of a lookup and its steps.
enum LookupView {
  static func render(_ answer: LookupAnswer, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add(answer.link)
    let steps = answer.steps.isEmpty ? "" : "\n" + StepLines.render(answer.steps, style: style)
    return fields.rendered(style) + steps
  }
}
