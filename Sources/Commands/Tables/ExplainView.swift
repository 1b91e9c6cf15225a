import ControlAPI

/// How a route came to its link, its target and its health.
enum ExplainView {
  static func render(_ explanation: Explanation, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("route", explanation.key)
    fields.add("declared", "\(explanation.declaredAt) (\(explanation.provider))")
    fields.add("excluded", explanation.excludedReason, color: .yellow)
    fields.add(explanation.link)
    fields.add("target", explanation.target ?? "-")
    fields.add(explanation.health)
    let steps = explanation.steps.isEmpty ? "" : "\n" + StepLines.render(explanation.steps, style: style)
    return fields.rendered(style) + steps
  }
}
